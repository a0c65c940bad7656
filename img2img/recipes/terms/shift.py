"""What judges a picture sees begins at another pixel each time, so that their grid is never the generator's."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor

from img2img.data.crop import pixels_at

Picture = TypeVar("Picture", Tensor, Tensor | None)


class Shift:
    """Cuts pictures (n, C, S, S) to squares of S - shift px, that of each picture at a place of its own.

    Down and across the place is one of 0 ... shift - 1 px, drawn from the global state. What goes together is cut by
    one object; pictures that are fewer go with the last places.

    A critic with strides and VGG19 with its poolings have a grid of 2, 4, 8 px, and their gradients have its period.
    Where crops begin at whole pixels of the low resolution, that grid always lies alike in the generator's own, which
    learns it: after 88 steps of a critic with three strides its gradient on bicubic crops had peaks of 20 to 34 dB at
    multiples of 1/4 cycles/px, and its mean over all 64 places of -5 to 4 dB, with 2 % of the power.
    """

    def __init__(self, shift: int, pictures: Tensor) -> None:
        self.size = pictures.shape[-1] - shift
        # As many places as the shift has, so that for a multiple of 8 each phase of a grid is equally likely.
        self.corners = torch.randint(shift, (2, len(pictures), 1, 1)) if shift else None

    def __call__(self, pictures: Picture) -> Picture:
        """The squares, (n, C, S - shift, S - shift); None for None."""
        if pictures is None or self.corners is None:
            return pictures
        down, across = self.corners[:, -len(pictures) :].to(pictures.device)
        places = torch.arange(self.size, device=pictures.device)
        return pixels_at(pictures, down + places[:, None], across + places)
