"""Statistics across the batch as further channels, so that a critic sees when all fakes look alike."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from .norms import single


class MinibatchStd(nn.Module):
    """One more channel: the features' standard deviation over the batch, averaged to one number (arXiv:1710.10196,
    section 3). (N, C, ...) -> (N, C + 1, ...)."""

    mixes_samples = True

    def forward(self, features: Tensor) -> Tensor:
        variance = single(features).var(dim=0, correction=0)
        # 1e-8 keeps the slope of the root finite where a feature is the same in the whole batch.
        spread = (variance + 1e-8).sqrt().mean().to(features.dtype)
        return torch.cat([features, spread.expand_as(features[:, :1])], dim=1)


class MinibatchDiscrimination(nn.Module):
    """How close each picture is to the rest of its batch, along learnt directions (arXiv:1606.03498, section 3.2).

    M = T f for the features f, averaged over the picture; o_b = sum over the batch of exp(-|M_b - M'_b|_1), the picture
    itself included, for each of `kernels` rows b. (N, C, ...) -> (N, C + kernels, ...).
    """

    mixes_samples = True

    def __init__(self, channels: int, kernels: int = 16, size: int = 8) -> None:
        super().__init__()
        self.kernels = kernels
        self.directions = nn.Linear(channels, kernels * size, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        rows = self.directions(features.flatten(2).mean(2) if features.dim() > 2 else features)
        rows = single(rows).unflatten(1, (self.kernels, -1))
        distances = (rows[:, None] - rows[None, :]).abs().sum(dim=3)
        closeness = torch.exp(-distances).sum(dim=1).to(features.dtype)
        spatial = features.shape[2:]
        return torch.cat([features, closeness.view(*closeness.shape, *[1] * len(spatial)).expand(-1, -1, *spatial)], 1)


def across_batch(kind: Literal["none", "std", "discrimination"], channels: int) -> tuple[nn.Module, int]:
    """The layer of this name on features with this many channels, and how many channels it returns."""
    if kind == "std":
        return MinibatchStd(), channels + 1
    if kind == "discrimination":
        layer = MinibatchDiscrimination(channels)
        return layer, channels + layer.kernels
    return nn.Identity(), channels
