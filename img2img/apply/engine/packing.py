"""Bands of a result as integers, made where the network computes: a quarter of the bytes leave a GPU."""

from __future__ import annotations

import sys
from typing import Literal

import numpy as np
import torch
from torch import Tensor

_AT_ONCE = 1 << 18
"""Numbers that a CPU takes at once, which stay in its cache from one operation to the next."""

_ROUNDING = 1.5 * 2.0**23
"""Added to a float32 of less than 2^22, it leaves the number, rounded to the nearest whole one, halves to the even, in
the lowest bits of its mantissa (IEEE 754)."""


def packed(band: Tensor, bits: Literal[8, 16]) -> Tensor:
    """(C, h, W) finite floats -> (h, W, C) uint8 or uint16 on the same device: [-1, 1] rounded to nearest, clamped.

    The integers of `images.samples.to_samples`, to the last one.
    """
    channels, height, width = band.shape
    made = torch.empty(height, width, channels, dtype=torch.uint8 if bits == 8 else torch.uint16, device=band.device)
    on_cpu = band.device.type == "cpu" and sys.byteorder == "little"
    rows = max(1, _AT_ONCE // (channels * width)) if on_cpu else height
    for start in range(0, height, rows):
        part = slice(start, start + rows)
        levels = torch.empty(band[:, part].shape, device=band.device)  # planes, whatever the network's layout
        torch.add(band[:, part], 1.0, out=levels).mul_((2**bits - 1) / 2).clamp_(0, 2**bits - 1)
        if on_cpu:
            _fill(made[part], levels)
        else:
            made[part].copy_(levels.round_().permute(1, 2, 0))
    return made


def _fill(made: Tensor, levels: Tensor) -> None:
    """(h, W, C) integers from (C, h, W) floats of at least 0, which are changed.

    2.2 ms a megapixel, where torch, which converts one number after the other, takes 5.5.
    """
    target = made.numpy()
    lowest = levels.add_(_ROUNDING).numpy().view(target.dtype)[..., :: 4 // target.itemsize]
    for channel, plane in enumerate(lowest):
        np.copyto(target[..., channel], plane)
