"""Networks that grow while they are trained: how far they are, and the pictures that belong to it
(arXiv:1710.10196, section 2 and figure 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate


class Growing(nn.Module):
    """A network whose last levels fade in one after another.

    progress: share of the run that is done, which the trainer keeps; a buffer, so that weights are applied as far grown
    as they were trained. 1, all levels, where nobody says otherwise.
    levels: sizes from 4 px on.
    """

    progress: Tensor

    def __init__(self, levels: int) -> None:
        super().__init__()
        self.levels = levels
        self.register_buffer("progress", torch.ones(()))

    @property
    def grown(self) -> tuple[int, float]:
        """The level that is there, counted from 0, and how far the next has faded in, 0 to below 1."""
        return grown(float(self.progress), self.levels)


def grown(progress: float, levels: int) -> tuple[int, float]:
    """The schedule: the first level for one unit, then each next one fades in for one and stays for one.

    progress in [0, 1] -> (level there, share of the next one).
    """
    level, rest = divmod(max(progress * (2 * levels - 1) - 1, 0.0), 2)
    return (int(level), rest) if rest < 1 else (int(level) + 1, 0.0)


def seen_at(image: Tensor, level: int, share: float) -> Tensor:
    """A picture in the detail of a level, and of the next with weight `share`, at its own size.

    (N, C, S, S) -> (N, C, S, S); level 0 has 4 px.
    """
    coarse = averaged(image, 4 << level)
    if share:
        fine = averaged(image, 8 << level)
        coarse = enlarged(coarse, 8 << level).lerp(fine, share)
    return enlarged(coarse, image.shape[-1])


def averaged(image: Tensor, side: int) -> Tensor:
    """Means over squares of pixels: (N, C, S, S) -> (N, C, side, side)."""
    factor = image.shape[-1] // side
    return avg_pool2d(image, factor) if factor > 1 else image


def enlarged(image: Tensor, side: int) -> Tensor:
    """Pixels repeated: (N, C, s, s) -> (N, C, side, side)."""
    return interpolate(image, size=(side, side), mode="nearest") if image.shape[-1] != side else image
