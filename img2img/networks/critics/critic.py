"""What every critic can do: score a picture, alone or next to a condition, and show its features."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

import torch
from torch import Tensor, nn

from img2img.networks.entered import Entered


class Critic(Entered, ABC):
    """A network whose last activations are scores.

    image: (N, C, H, W) in [-1, 1], or vectors (N, C); given: the condition, (N, G, H, W) or (N, G), which is
    concatenated before the first layer.
    """

    entrances: ClassVar[tuple[str, ...]] = ("features",)

    @abstractmethod
    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        """Activations from the first layer to the scores, which come last."""

    def forward(self, image: Tensor, given: Tensor | None = None) -> Tensor:
        return self.features(image, given)[-1]


def beside(image: Tensor, given: Tensor | None) -> Tensor:
    """The image with its condition as further channels. (N, C, ...) and (N, G, ...) -> (N, C + G, ...)."""
    return image if given is None else torch.cat([image, given], dim=1)


def in_turn(stages: Iterable[nn.Module], entered: Tensor) -> list[Tensor]:
    """The activations of stages, each of which goes on from the one before it; what entered is not among them."""
    found = [entered]
    for stage in stages:
        found.append(stage(found[-1]))
    return found[1:]
