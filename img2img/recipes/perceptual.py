"""The perceptual term: two pictures are as far apart as their activations (arXiv:1603.08155, equation 2)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss, mse_loss

from img2img.config.perceptual import Perceptual, layer_weights
from img2img.networks.features import load_vgg19

COSTS = {"l1": l1_loss, "mse": mse_loss}
"""Means over all elements."""


class PerceptualDistance(nn.Module):
    """sum over layers of weight * cost(scale * phi(fake), scale * phi(real)), on float32 activations.

    features: a frozen network, picture (N, C, H, W) in [-1, 1] -> {layer: activation}; layers: {layer: weight}.
    """

    def __init__(self, features: nn.Module, layers: Mapping[str, float], cost: str = "l1", scale: float = 1.0) -> None:
        super().__init__()
        self.features = features
        self.layers = dict(layers)
        self.cost, self.scale = COSTS[cost], scale

    def forward(self, fake: Tensor, real: Tensor) -> Tensor:
        """A scalar, with gradients to `fake` alone."""
        with torch.no_grad():
            wanted = self.features(real)
        found = self.features(fake)
        distances = [
            weight * self.cost(self.scale * found[layer].float(), self.scale * wanted[layer].float())
            for layer, weight in self.layers.items()
        ]
        return torch.stack(distances).sum()


def perceptual_distance(options: Perceptual) -> PerceptualDistance:
    """The distance that these options name, on VGG19. Raises Refusal where its weights cannot be had."""
    layers = layer_weights(options.perceptual_layers)
    return PerceptualDistance(load_vgg19(layers, options.vgg19), layers, options.perceptual_cost, options.feature_scale)
