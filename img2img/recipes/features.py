"""The terms that compare activations of a frozen network, which runs once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from img2img.config.perceptual import Perceptual, layer_weights
from img2img.networks.features import load_vgg19

from .perceptual import PerceptualDistance
from .style import StyleDistance

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
