"""What every generator from noise is: a latent in, and a class where it has any; a picture out."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from img2img.config.generators import REAL, NoiseGeneratorSpec


class Generator(nn.Module, ABC):
    """A latent (N, latent) and, where there are classes, labels (N,) int64 -> (N, channels, size, size) in [-1, 1]."""

    def __init__(self, spec: NoiseGeneratorSpec) -> None:
        super().__init__()
        self.latent, self.classes = spec.latent, spec.classes

    @abstractmethod
    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor: ...

    def reals(self, real: Tensor) -> dict[str, Tensor]:
        """What each adversary is shown of real pictures, by the names of `spec.judged`: by default as they are."""
        return {REAL: real}

    def fakes(self, latent: Tensor, reals: dict[str, Tensor], label: Tensor | None = None) -> dict[str, Tensor]:
        """What is set against them, attached; by the same names."""
        return {REAL: self(latent, label)}

    def own_terms(self, latent: Tensor, label: Tensor | None = None) -> dict[str, Tensor]:
        """What the generator pays apart from its adversaries, as named scalars: by default nothing."""
        return {}


def with_class(values: Tensor, label: Tensor | None, classes: int) -> Tensor:
    """Vectors with their class beside them, one-hot (arXiv:1411.1784, section 3.2): (N, C), (N,) -> (N, C + classes).

    Without classes, the values alone. Raises ValueError where there are classes and no label.
    """
    if not classes:
        return values
    if label is None:
        raise ValueError(f"this network has {classes} classes: it takes a label for every picture")
    return torch.cat([values, one_hot(label, classes).to(values.dtype)], dim=1)


def halvings(size: int) -> int:
    """How often a side can be halved until 4 to 7 px are left: 28 and 32 px are 2 and 3 times, 64 px are 4."""
    times = 0
    while size % 2 == 0 and size >= 8:
        size, times = size // 2, times + 1
    return times
