"""From rows to batches: what one step of training is given, as tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .order import Order
from .reading import Rows


@dataclass(frozen=True)
class Batches:
    """Step -> batch: rows of each table in its own order, cut to squares. Picklable, so that processes can share it.

    deep: sides that become float32 in [0, 1], so that 16 bits are not lost; the others stay uint8.
    pinned: in page-locked memory, from which a GPU copies while it computes.
    """

    tables: Sequence[tuple[Rows, Order]]
    side: int
    deep: Mapping[str, bool]
    pinned: bool = False

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        """The batch of micro-step `step`: {side: (N, C, side, side)}.

        Raises: ImageError, naming the file that cannot be read.
        """
        batch: dict[str, Tensor] = {}
        for rows, order in self.tables:
            draws = order.batch(step)
            found = [rows[draw.row] for draw in draws]
            for name in rows.columns:
                windows = [
                    window(row[name], self.side, draw.down, draw.across) for row, draw in zip(found, draws, strict=True)
                ]
                batch[name] = stacked(windows, self.deep[name], self.pinned)
        return batch


def window(pixels: np.ndarray, side: int, down: float, across: float) -> np.ndarray:
    """The square of `side` px in pixels (C, H, W) whose corner lies at these fractions of the room that there is."""
    top = int(down * (pixels.shape[1] - side + 1))
    left = int(across * (pixels.shape[2] - side + 1))
    return pixels[:, top : top + side, left : left + side]


def stacked(pictures: Sequence[np.ndarray], deep: bool, pinned: bool = False) -> Tensor:
    """Pictures (C, H, W) of uint8 or uint16 as one (N, C, H, W): float32 in [0, 1] where deep, else uint8."""
    dtype = torch.float32 if deep else torch.uint8
    batch = torch.empty((len(pictures), *pictures[0].shape), dtype=dtype, pin_memory=pinned)
    for place, picture in zip(batch.numpy(), pictures, strict=True):
        place[...] = picture / np.float32(np.iinfo(picture.dtype).max) if deep else picture
    return batch
