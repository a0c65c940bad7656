"""The style term: textures are alike where the same activations occur together (arXiv:1603.08155, equation 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class StyleDistance:
    """sum over layers of weight * ‖G(found) - G(wanted)‖²_F, the mean over the batch.

    layers: {layer: weight}.
    """

    layers: Mapping[str, float]

    def __call__(self, found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> Tensor:
        """{layer: (N, C, h, w)} of both pictures -> a scalar."""
        distances = [
            weight * (gram(found[layer]) - gram(wanted[layer])).square().sum((1, 2)).mean()
            for layer, weight in self.layers.items()
        ]
        return torch.stack(distances).sum()


def gram(activations: Tensor) -> Tensor:
    """Which channels are active together (equation 3): (N, C, H, W) -> (N, C, C), the means of products over C.

    In float32: sums of so many products lose all in 16 bits.
    """
    with torch.autocast(activations.device.type, enabled=False):
        lines = activations.float().flatten(2)
        return lines @ lines.mT / (lines.shape[1] * lines.shape[2])
