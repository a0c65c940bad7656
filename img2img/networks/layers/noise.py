"""Noise inside of a generator: between its layers, and as a plane that it is given."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class LayerNoise(nn.Module):
    """Adds N(0, std) to every activation in training, and nothing in evaluation. (N, ...) -> the same shape.

    `apply_mode` can leave it on, as it can dropout.
    """

    def __init__(self, std: float) -> None:
        super().__init__()
        self.std = std

    def forward(self, features: Tensor) -> Tensor:
        return features + self.std * torch.randn_like(features) if self.training else features


def with_noise(layer: nn.Module, std: float) -> nn.Module:
    """The layer, and behind it noise; at 0 the layer itself. A layer without weights keeps everybody's names."""
    return nn.Sequential(layer, LayerNoise(std)) if std else layer


TILES = (61, 67)
"""Sides of the squares whose sum is a plane's noise, px: primes, so that it repeats after 4087 px, not after one."""


class NoisePlane(nn.Module):
    """A plane of N(0, 1) for a generator that has textures to make up: drawn anew in training, else one and the same.

    Kept as two small squares in the weights file, so a picture of any size has the same noise everywhere and for ever.
    """

    def __init__(self) -> None:
        super().__init__()
        drawn = torch.Generator().manual_seed(0)
        for number, side in enumerate(TILES):
            self.register_buffer(f"tile{number}", torch.randn(side, side, generator=drawn, device="cpu"))

    def forward(self, like: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, 1, H, W), of its type."""
        if self.training:
            return torch.randn_like(like[:, :1])
        planes = []
        for number in range(len(TILES)):
            tile = self.get_buffer(f"tile{number}")
            rows, columns = (torch.arange(length, device=like.device) % len(tile) for length in like.shape[2:])
            planes.append(tile[rows][:, columns])
        return (torch.stack(planes).sum(0) * 0.5**0.5).to(like.dtype).expand_as(like[:, :1])
