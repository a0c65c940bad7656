"""The terms that compare activations of a frozen network, which runs once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss, mse_loss

from img2img.config.sections.perceptual import Perceptual, layer_weights
from img2img.networks.vgg19 import load_vgg19

Distance = Callable[[Mapping[str, Tensor], Mapping[str, Tensor]], Tensor]
"""Activations of two pictures, {layer: (N, C, h, w)} each -> a scalar."""


class FeatureTerms(nn.Module):
    """Named, weighted distances between the activations of two pictures.

    features: a frozen network, picture (N, C, H, W) in [-1, 1] -> {layer: activation}.
    distances: {name of the term: (weight, distance)}.
    """

    def __init__(self, features: nn.Module, distances: Mapping[str, tuple[float, Distance]]) -> None:
        super().__init__()
        self.features = features
        self.distances = dict(distances)

    def forward(self, fake: Tensor, real: Tensor) -> dict[str, Tensor]:
        """A scalar for each name, with gradients to `fake` alone."""
        with torch.no_grad():
            wanted = self.features(real)
        found = self.features(fake)
        return {name: weight * distance(found, wanted) for name, (weight, distance) in self.distances.items()}


def feature_terms(options: Perceptual) -> FeatureTerms | None:
    """The terms that these options switch on, on VGG19; None where there are none.

    Raises Refusal where its weights cannot be had.
    """
    distances: dict[str, tuple[float, Distance]] = {}
    layers: set[str] = set()
    if options.perceptual:
        weights = layer_weights(options.perceptual_layers)
        distance = PerceptualDistance(weights, options.perceptual_cost, options.feature_scale)
        distances["perceptual"] = (options.perceptual, distance)
        layers |= weights.keys()
    if options.style:
        weights = layer_weights(options.style_layers)
        distances["style"] = (options.style, StyleDistance(weights))
        layers |= weights.keys()
    return FeatureTerms(load_vgg19(layers, options.vgg19), distances) if distances else None


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
