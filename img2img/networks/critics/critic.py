"""What every critic can do: score a picture, alone or next to a condition, and show its features."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn


class Critic(nn.Module, ABC):
    """A network whose last activations are scores.

    image: (N, C, H, W) in [-1, 1], or vectors (N, C); given: the condition, (N, G, H, W) or (N, G), which is
    concatenated before the first layer.
    """

    @abstractmethod
    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        """Activations from the first layer to the scores, which come last."""

    def forward(self, image: Tensor, given: Tensor | None = None) -> Tensor:
        return self.features(image, given)[-1]


def beside(image: Tensor, given: Tensor | None) -> Tensor:
    """The image with its condition as further channels. (N, C, ...) and (N, G, ...) -> (N, C + G, ...)."""
    return image if given is None else torch.cat([image, given], dim=1)
