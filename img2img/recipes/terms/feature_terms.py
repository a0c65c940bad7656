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

from .mean_absolute import mean_absolute

Distance = Callable[[Mapping[str, Tensor], Mapping[str, Tensor]], Tensor]
"""Activations of two pictures, {layer: (N, C, h, w)} each -> a scalar."""


class FeatureTerms(nn.Module):
    """Named, weighted distances between the activations of two pictures.

    features: a frozen network, picture (N, C, H, W) in [-1, 1] -> {layer: activation}.
    distances: {name of the term: (weight, distance)}. share: of a batch's pictures that are compared, others each time.
    """

    def __init__(
        self, features: nn.Module, distances: Mapping[str, tuple[float, Distance]], share: float = 1.0
    ) -> None:
        super().__init__()
        self.features = features
        self.distances = dict(distances)
        self.share = share

    def forward(self, fake: Tensor, real: Tensor, taught: Tensor | None = None) -> dict[str, Tensor]:
        """A scalar for each name, with gradients to `fake` alone.

        taught: (n, C, H, W), a further target of the last n pictures; its terms are called "taught NAME", and are means
        over the batch, to which the other pictures add nothing. There are none where no such picture is drawn.
        """
        rows = self._rows(len(fake))
        begin = len(fake) - (0 if taught is None else len(taught))
        also = rows[rows >= begin]
        real = real[rows.to(real.device)]
        with torch.no_grad():
            targets = real if taught is None else torch.cat([real, taught[(also - begin).to(taught.device)]])
            wanted = self.features(targets)
        found = self.features(fake if len(rows) == len(fake) else fake[rows.to(fake.device)])
        count = len(rows)
        terms = self._compared("", found, {layer: values[:count] for layer, values in wanted.items()})
        if len(also):
            of_taught = {layer: values[count - len(also) :] for layer, values in found.items()}
            further = self._compared("taught ", of_taught, {layer: values[count:] for layer, values in wanted.items()})
            terms |= {name: term * (len(also) / count) for name, term in further.items()}
        return terms

    def _compared(self, prefix: str, found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {
            f"{prefix}{name}": weight * distance(found, wanted) for name, (weight, distance) in self.distances.items()
        }

    def _rows(self, count: int) -> Tensor:
        """Which pictures of a batch are compared: evenly spread, from a place that is drawn; all for a share of 1."""
        chosen = max(1, round(self.share * count))
        if chosen >= count:
            return torch.arange(count)
        first = int(torch.randint(count, ()))
        return ((first + torch.arange(chosen) * count // chosen) % count).sort().values


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
    if not distances:
        return None
    return FeatureTerms(load_vgg19(layers, options.vgg19), distances, options.perceptual_share)


COSTS = {"l1": l1_loss, "mse": mse_loss}
"""Means over all elements."""


@dataclass(frozen=True)
class PerceptualDistance:
    """sum over layers of weight * cost(scale * found, scale * wanted); mse on float32 activations.

    layers: {layer: weight}.
    """

    layers: Mapping[str, float]
    cost: Literal["l1", "mse"] = "l1"
    scale: float = 1.0

    def __call__(self, found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> Tensor:
        """{layer: (N, C, h, w)} of both pictures -> a scalar."""
        distances = [weight * self._of(found[layer], wanted[layer]) for layer, weight in self.layers.items()]
        return torch.stack(distances).sum()

    def _of(self, found: Tensor, wanted: Tensor) -> Tensor:
        if self.cost == "l1":
            return self.scale * mean_absolute(found, wanted)
        return mse_loss(self.scale * found.float(), self.scale * wanted.float())


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
