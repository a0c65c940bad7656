"""Noise between a generator's layers, as a layer without weights."""

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
