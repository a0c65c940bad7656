"""The perceptual term: two pictures are as far apart as their activations (arXiv:1603.08155, equation 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import l1_loss, mse_loss

COSTS = {"l1": l1_loss, "mse": mse_loss}
"""Means over all elements."""


@dataclass(frozen=True)
class PerceptualDistance:
    """sum over layers of weight * cost(scale * found, scale * wanted), on float32 activations.

    layers: {layer: weight}.
    """

    layers: Mapping[str, float]
    cost: Literal["l1", "mse"] = "l1"
    scale: float = 1.0

    def __call__(self, found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> Tensor:
        """{layer: (N, C, h, w)} of both pictures -> a scalar."""
        distances = [
            weight * COSTS[self.cost](self.scale * found[layer].float(), self.scale * wanted[layer].float())
            for layer, weight in self.layers.items()
        ]
        return torch.stack(distances).sum()
