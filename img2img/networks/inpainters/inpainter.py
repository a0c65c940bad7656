"""What every inpainter is: from a picture with a hole, and where the hole is, to a picture without one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor

from img2img.networks.entered import Entered


class Inpainter(Entered, ABC):
    """A network on a picture with its mask as the last channel, 1 = hole, which sees nothing of what is in the hole.

    (N, C + 1, H, W) -> (N, C, H, W), the picture in [-1, 1], all of it as predicted: to keep the known pixels is for
    whoever calls it.
    """

    entrances: ClassVar[tuple[str, ...]] = ("stages",)

    @abstractmethod
    def stages(self, masked: Tensor) -> list[Tensor]:
        """Every prediction, (N, C, H, W) each: coarse ones first, the final one last."""

    def forward(self, masked: Tensor) -> Tensor:
        return self.stages(masked)[-1]


def blanked(masked: Tensor) -> tuple[Tensor, Tensor]:
    """The picture with 0 in its hole, and the mask. (N, C + 1, H, W) -> (N, C, H, W), (N, 1, H, W)."""
    picture, mask = masked[:, :-1], masked[:, -1:]
    return picture * (1 - mask), mask
