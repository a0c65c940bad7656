"""LAPGAN: a small picture from noise, and for each doubling the details that enlarging leaves open
(arXiv:1506.05751)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from img2img.config.networks.samplers import LapganSpec
from img2img.networks.layers.laplacian import shrinking
from img2img.networks.layers.resample import doubled

from .generator import Generator, with_class


class LapganGenerator(Generator):
    """The chain of section 3.1: every link has a part of the latent of its own, so that it can be trained alone.

    The result is cut off at -1 and 1, which details may leave.
    """

    def __init__(self, spec: LapganSpec) -> None:
        super().__init__(spec)
        self.critic_sides = list(spec.critic_sides)
        inputs = [len(part) + spec.classes for part in torch.zeros(spec.latent).tensor_split(len(spec.sides))]
        self.smallest = Smallest(spec, inputs[0])
        self.details = nn.ModuleList(
            Details(spec, length, side) for length, side in zip(inputs[1:], spec.sides[1:], strict=True)
        )

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        first, *rest = self.parts(latent, label)
        picture: Tensor = self.smallest(first)
        for details, part in zip(self.details, rest, strict=True):
            picture = details(picture, part)
        return picture.clamp(-1, 1)

    def reals(self, real: Tensor) -> dict[str, Tensor]:
        """Real pictures of every side of the chain."""
        return dict(zip(self.critic_sides, shrinking(real, len(self.details)), strict=True))

    def fakes(self, latent: Tensor, reals: dict[str, Tensor], label: Tensor | None = None) -> dict[str, Tensor]:
        """What each link makes of the real picture of half the side, so that all are trained alone; not cut off."""
        first, *rest = self.parts(latent, label)
        coarser = list(reals.values())[:-1]
        finer = [details(picture, part) for details, picture, part in zip(self.details, coarser, rest, strict=True)]
        return dict(zip(self.critic_sides, [self.smallest(first), *finer], strict=True))

    def parts(self, latent: Tensor, label: Tensor | None) -> list[Tensor]:
        """The latent of each link, the class beside it."""
        return [with_class(part, label, self.classes) for part in latent.tensor_split(len(self.critic_sides), dim=1)]


class Smallest(nn.Module):
    """Two dense layers and tanh: (N, inputs) -> (N, channels, side, side) in [-1, 1]."""

    def __init__(self, spec: LapganSpec, inputs: int) -> None:
        super().__init__()
        dense, side = 16 * spec.width, spec.sides[0]
        self.layers = nn.Sequential(
            nn.Linear(inputs, dense),
            nn.ReLU(inplace=True),
            nn.Linear(dense, dense),
            nn.ReLU(inplace=True),
            nn.Linear(dense, spec.channels * side**2),
            nn.Unflatten(1, (spec.channels, side, side)),
            nn.Tanh(),
        )

    def forward(self, part: Tensor) -> Tensor:
        picture: Tensor = self.layers(part)
        return picture


class Details(nn.Module):
    """The enlarged picture, and what three 5x5 convolutions add to it, for which noise is one more channel.

    (N, channels, side / 2, side / 2), (N, inputs) -> (N, channels, side, side). A linear layer spreads the noise and
    the class over that channel, as the paper does with the class.
    """

    def __init__(self, spec: LapganSpec, inputs: int, side: int) -> None:
        super().__init__()
        self.plane = nn.Sequential(nn.Linear(inputs, side**2), nn.Unflatten(1, (1, side, side)))
        self.layers = nn.Sequential(
            nn.Conv2d(spec.channels + 1, spec.width, 5, padding=2),
            nn.ReLU(inplace=True),
            nn.Conv2d(spec.width, spec.width, 5, padding=2),
            nn.ReLU(inplace=True),
            nn.Conv2d(spec.width, spec.channels, 5, padding=2),
        )

    def forward(self, coarser: Tensor, part: Tensor) -> Tensor:
        enlarged = doubled(coarser)
        details: Tensor = self.layers(torch.cat([enlarged, self.plane(part)], dim=1))
        return enlarged + details
