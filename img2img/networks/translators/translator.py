"""What every translator can do: translate a picture, and show its activations on the way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from typing import ClassVar

from torch import Tensor, nn

from img2img.networks.entered import Entered

RESULT = "result"
"""The translated picture, among the activations."""


class Translator(Entered, ABC):
    """A network from a picture (N, input_channels, H, W) to one (N, output_channels, H, W), both in [-1, 1].

    read: what stands before its first layer: label planes, or nothing.
    """

    entrances: ClassVar[tuple[str, ...]] = ("activations",)
    read: nn.Module

    @abstractmethod
    def activations(self, image: Tensor, names: Collection[str]) -> dict[str, Tensor]:
        """Those of `spec.activations` that are named, and `RESULT`; what lies behind the last of them is not computed.

        image: (N, input_channels, H, W). Returns {name: (N, C, h, w)} as the network computes them.
        """

    def forward(self, image: Tensor) -> Tensor:
        return self.activations(image, (RESULT,))[RESULT]


def through(
    image: Tensor, stages: Iterator[tuple[str, Callable[[Tensor], Tensor]]], names: Collection[str]
) -> dict[str, Tensor]:
    """The named outputs of stages that follow each other, (name, stage), up to the last of them."""
    found: dict[str, Tensor] = {}
    for name, stage in stages:
        image = stage(image)
        if name in names:
            found[name] = image
        if len(found) == len(names):
            break
    return found
