"""From fields to holes of the area that is allowed."""

from __future__ import annotations

import torch
from torch import Tensor

HALVINGS = 16
"""Of a level's range: to 0.01 px where a field's values reach over 700 px."""


def shares(holes: Tensor) -> Tensor:
    """What share of each picture is hole: (N, ...) of booleans, or of 0 and 1 -> (N,) in [0, 1]."""
    flat = holes.flatten(1)
    # Whole numbers are summed in half of the time; a boolean is one already.
    flat = flat.view(torch.uint8) if flat.dtype == torch.bool else flat.to(torch.uint8)
    return flat.sum(1, dtype=torch.int32) / flat.shape[1]


def holes_of(field: Tensor, least: float, most: float) -> Tensor:
    """Where a field (see `Canvas`) is at most 0; where that is too little or too much of a picture, at most another
    level, so that holes grow or shrink by an even margin to the nearest share from least to most.

    Halving the range of levels finds it: sorting 65 536 pixels takes five times as long. Where many pixels have one
    value (the edges of boxes), the share can only be met to that many pixels.
    Returns: (N, H, W) booleans.
    """
    lines = field.flatten(1)
    natural = shares(lines <= 0)
    too_much = natural > most
    low, high = (bound[:, None] for bound in lines.aminmax(dim=1))
    low = low - 1
    # More than `most` is the same as at least the next number.
    bound = torch.where(too_much, torch.nextafter(natural.new_full((), most), natural.new_full((), 2.0)), least)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        lower = (shares(lines <= middle) >= bound)[:, None]
        low, high = torch.where(lower, low, middle), torch.where(lower, middle, high)
    level = torch.where(too_much[:, None], low, high)  # the largest that is not too much, the smallest that is enough
    within = (natural >= least) & ~too_much
    level = torch.where(within[:, None], 0.0, level)
    return field <= level[..., None]
