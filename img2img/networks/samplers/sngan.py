"""The residual pair of SNGAN (arXiv:1802.05957, tables 4 and 6)."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, relu

from img2img.config.networks.samplers import SAGANSpec, SNGANSpec
from img2img.config.networks.whole_critics import ResidualCriticSpec, WholeNorm
from img2img.networks.critics.critic import in_turn
from img2img.networks.layers.norms import EPSILON, constrained, normalisation
from img2img.networks.layers.upsampling import doubling

from .generator import Generator
from .whole_critic import WholeCritic, on_planes, shared_input

RESIDUAL = math.sqrt(2)
"""Gain of the first weights next to a skip, as in the authors' code."""

LayerT = TypeVar("LayerT", nn.Linear, nn.Conv2d)


class SNGANGenerator(Generator):
    """A dense layer to 4 px, residual blocks that double, batch norm, ReLU, a 3x3 convolution and tanh."""

    def __init__(self, spec: SNGANSpec | SAGANSpec) -> None:
        super().__init__(spec)
        widths = spec.widths
        self.enter = constrained(glorot(nn.Linear(spec.latent, widths[0] * 4**2)), spec.norm)
        self.blocks = nn.ModuleList(
            GeneratorBlock(before, after, spec.classes, spec.norm) for before, after in pairwise(widths)
        )
        self.norm = nn.BatchNorm2d(widths[-1])
        self.leave = constrained(glorot(nn.Conv2d(widths[-1], spec.channels, 3, padding=1)), spec.norm)

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        image = self.enter(latent).unflatten(1, (-1, 4, 4))
        for block in self.blocks:
            image = block(image, label)
        return torch.tanh(self.leave(relu(self.norm(image))))


class GeneratorBlock(nn.Module):
    """Twice: norm, ReLU, 3x3 convolution, the first of which doubles; next to a 1x1 convolution, doubled.

    (N, before, H, W), labels (N,) where there are classes -> (N, after, 2H, 2W). The norms know the class.
    """

    def __init__(self, before: int, after: int, classes: int, norm: WholeNorm) -> None:
        super().__init__()
        self.norms = nn.ModuleList([ClassNorm(before, classes), ClassNorm(after, classes)])
        grow = doubling("resize", before, after, kernel=4, bias=True)
        assert isinstance(grow, nn.Conv2d)
        self.grow = constrained(glorot(grow, RESIDUAL), norm)
        self.shape = constrained(glorot(nn.Conv2d(after, after, 3, padding=1), RESIDUAL), norm)
        self.skip = constrained(glorot(nn.Conv2d(before, after, 1)), norm)

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        change = self.grow(relu(self.norms[0](image, label)))
        change = self.shape(relu(self.norms[1](change, label)))
        # A 1x1 convolution and the repetition of pixels may change places: this way it takes a quarter of the time.
        return change + interpolate(self.skip(image), scale_factor=2.0, mode="nearest")


class SNGANCritic(WholeCritic):
    """Residual blocks, first those that halve the picture; the score is linear in the rectified map's sum."""

    def __init__(self, spec: ResidualCriticSpec) -> None:
        super().__init__(spec, spec.widths[-1])
        widths = [spec.input_channels + shared_input(spec), *spec.widths]
        self.blocks = nn.ModuleList(
            CriticBlock(before, after, spec.norm, first=level == 0, halve=level < spec.halvings)
            for level, (before, after) in enumerate(pairwise(widths))
        )

    def trunk(self, image: Tensor, label: Tensor | None) -> list[Tensor]:
        found = in_turn(self.blocks, on_planes(image, label))
        return [*found, relu(found[-1]).sum(dim=(2, 3))]


class CriticBlock(nn.Module):
    """Twice: norm, ReLU, 3x3 convolution; next to a skip; both averaged over 2x2 px where it halves.

    (N, before, H, W) -> (N, after, H, W), or half the sides. first: what comes in are pictures, which are neither
    normalised nor rectified.
    """

    def __init__(self, before: int, after: int, norm: WholeNorm, *, first: bool, halve: bool) -> None:
        super().__init__()
        self.halve = halve
        self.enter = nn.Identity() if first else nn.Sequential(normalisation(norm, before), nn.ReLU())
        self.first = constrained(glorot(nn.Conv2d(before, after, 3, padding=1), RESIDUAL), norm)
        self.between = nn.Sequential(normalisation("none" if first else norm, after), nn.ReLU())
        self.second = constrained(glorot(nn.Conv2d(after, after, 3, padding=1), RESIDUAL), norm)
        same = before == after and not halve
        self.skip = nn.Identity() if same else constrained(glorot(nn.Conv2d(before, after, 1)), norm)

    def forward(self, image: Tensor) -> Tensor:
        change = self.second(self.between(self.first(self.enter(image))))
        if self.halve:
            # A 1x1 convolution and the average may change places, too.
            change, image = avg_pool2d(change, 2), avg_pool2d(image, 2)
        return change + self.skip(image)


def glorot(layer: LayerT, gain: float = 1.0) -> LayerT:
    """The layer with Glorot's uniform first weights, times a gain, and biases 0."""
    nn.init.xavier_uniform_(layer.weight, gain)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class ClassNorm(nn.Module):
    """Batch norm, then a slope and an offset for each channel and class; one of each where there are no classes.

    (N, C, H, W), labels (N,) int64 or None -> (N, C, H, W). Raises ValueError for classes without labels.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.norm = nn.BatchNorm2d(channels, eps=EPSILON, affine=False)
        self.slopes = nn.Parameter(torch.ones(max(classes, 1), channels))
        self.offsets = nn.Parameter(torch.zeros(max(classes, 1), channels))

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        if self.classes and label is None:
            raise ValueError(f"this network has {self.classes} classes: it takes a label for every picture")
        row = label if self.classes else 0
        # Row 0 alone is (C,), rows of labels are (N, C): both stand before the map's axes.
        slope, offset = self.slopes[row][..., None, None], self.offsets[row][..., None, None]
        return torch.addcmul(offset, self.norm(image), slope)
