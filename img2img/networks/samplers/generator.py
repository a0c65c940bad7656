"""What every generator from noise is: a latent in, and a class where it has any; a picture out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from img2img.config.networks.samplers import REAL, NoiseGeneratorSpec
from img2img.networks.layers.noise import with_noise


class Plays:
    """What a recipe asks of whatever makes pictures from latents: what critics are to tell apart."""

    __call__: Callable[..., Any]

    def reals(self, real: Tensor) -> dict[str, Tensor]:
        """What the critics are shown of real pictures, by the names of `spec.critic_sides`: as they are."""
        return {REAL: real}

    def fakes(self, latent: Tensor, reals: dict[str, Tensor], label: Tensor | None = None) -> dict[str, Tensor]:
        """What is set against them, by the same names; attached."""
        return {REAL: self(latent, label)}


class Generator(nn.Module, Plays, ABC):
    """A latent (N, latent) and, where there are classes, labels (N,) int64 -> (N, channels, size, size) in [-1, 1]."""

    def __init__(self, spec: NoiseGeneratorSpec) -> None:
        super().__init__()
        self.latent, self.classes = spec.latent, spec.classes

    @abstractmethod
    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor: ...

    def truncate(self, truncation: float | None) -> float | None:
        """Less variety, fewer slips: the truncation, as it is left to be done to the noise; here all of it.

        A network that has a better place for it than the noise heeds it from now on, and returns None.
        """
        return truncation


def batch_normed(channels: int, noise: float) -> tuple[nn.Module, nn.Module]:
    """What follows a convolution: batch norm, ReLU, and noise of this standard deviation behind it."""
    return nn.BatchNorm2d(channels), with_noise(nn.ReLU(inplace=True), noise)


def with_class(values: Tensor, label: Tensor | None, classes: int) -> Tensor:
    """Vectors with their class beside them, one-hot (arXiv:1411.1784, section 3.2): (N, C), (N,) -> (N, C + classes).

    Without classes, the values alone. Raises ValueError where there are classes and no label.
    """
    if not classes:
        return values
    if label is None:
        raise ValueError(f"this network has {classes} classes: it takes a label for every picture")
    return torch.cat([values, one_hot(label, classes).to(values.dtype)], dim=1)
