"""The dense pair of the first GAN (arXiv:1406.2661, section 5): ReLUs in the generator, maxout in the critic."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from img2img.config.networks.samplers import MLPGeneratorSpec
from img2img.config.networks.whole_critics import MaxoutSpec
from img2img.networks.layers.noise import with_noise
from img2img.networks.layers.norms import constrained, dense_normalisation

from .generator import Generator, with_class
from .whole_critic import WholeCritic, shared_input


class MLPGenerator(Generator):
    """`hidden_layers` of `width` with ReLUs, then a linear layer whose outputs are the pixels."""

    def __init__(self, spec: MLPGeneratorSpec) -> None:
        super().__init__(spec)
        widths = [spec.latent + spec.classes, *[spec.width] * spec.hidden_layers]
        self.hidden = nn.Sequential(
            *(nn.Sequential(nn.Linear(a, b), with_noise(nn.ReLU(), spec.layer_noise)) for a, b in pairwise(widths))
        )
        self.pixels = nn.Linear(spec.width, spec.channels * spec.size**2)
        self.shape = (spec.channels, spec.size, spec.size)

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        pixels = self.pixels(self.hidden(with_class(latent, label, self.classes)))
        return torch.tanh(pixels).unflatten(1, self.shape)


class MaxoutCritic(WholeCritic):
    """`hidden_layers` of `width` maxout units (arXiv:1302.4389), each with its dropout, then the score."""

    def __init__(self, spec: MaxoutSpec) -> None:
        super().__init__(spec, spec.width)
        pixels = spec.input_channels * spec.size**2 + shared_input(spec)
        widths = [pixels, *[spec.width] * spec.hidden_layers]
        self.stages = nn.ModuleList(_maxout(spec, before, after) for before, after in pairwise(widths))

    def trunk(self, image: Tensor, label: Tensor | None) -> list[Tensor]:
        pixels = image.flatten(1)
        found = [pixels if label is None else torch.cat([pixels, label], dim=1)]
        for stage in self.stages:
            found.append(stage(found[-1]))
        return found[1:]


class Largest(nn.Module):
    """The largest of every `pieces` neighbours: (N, units * pieces) -> (N, units)."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, values: Tensor) -> Tensor:
        return values.unflatten(1, (-1, self.pieces)).amax(dim=2)


def _maxout(spec: MaxoutSpec, before: int, after: int) -> nn.Sequential:
    linear = constrained(nn.Linear(before, after * spec.pieces), spec.norm)
    norm = dense_normalisation(spec.norm, after * spec.pieces)
    return nn.Sequential(linear, norm, Largest(spec.pieces), nn.Dropout(spec.dropout))
