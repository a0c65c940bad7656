"""What a generator pays for a weave: a pattern with the period of its own enlargement."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from img2img.images.samples import LUMA
from img2img.metrics.grid import WINDOW, decibels, peaks

ROUNDING = 100.0
"""The power that rounding to 8 bits has in a window, (0.375 * 96)² / 12 levels²: what lies below it is not seen."""


@dataclass(frozen=True)
class GridTerm:
    """The mean over frequencies of max(0, peak) of `img2img.metrics.grid`, in bels, one window of each picture.

    The mean of the logarithms is over the batch, since in one window the peaks of any picture scatter by 6 dB.
    """

    scale: int

    def __call__(self, fake: Tensor) -> Tensor:
        """(N, C, H, W) in [-1, 1] -> a scalar; of pictures larger than a window their middle."""
        with torch.autocast(fake.device.type, enabled=False):
            height, width = (min(WINDOW, length) for length in fake.shape[-2:])
            top, left = (fake.shape[-2] - height) // 2, (fake.shape[-1] - width) // 2
            windows = 127.5 * fake[..., top : top + height, left : left + width].float()
            red, green, blue = windows.expand(-1, len(LUMA), -1, -1).unbind(1)
            luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
            return peaks(decibels(luma, ROUNDING).mean(0), self.scale).clamp(min=0).mean() / 10
