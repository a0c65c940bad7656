"""From rows to batches: what one step of training is given, as tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, Self

import numpy as np
import torch
from torch import Tensor

from img2img.config.sections.data import Shape
from img2img.images import ImageError, ImageFacts

from .order import Order
from .unreadable import TRIES, Fault

LABEL = "label"
"""In a batch: the number of each picture's class, (N,) int64."""


class Table(Protocol):
    """Rows of pictures that go together, wherever they lie; row i of every side shows the same thing."""

    @property
    def channels(self) -> Mapping[str, Literal[1, 3]]:
        """Of each side."""

    @property
    def labels(self) -> np.ndarray | None:
        """The number of each row's class, (rows,) int64; None where rows have none."""

    def __len__(self) -> int: ...

    def __getitem__(self, row: int) -> dict[str, np.ndarray]:
        """Every side of one row, (C, H, W) uint8 or uint16."""

    def keeping(self, keep: bool) -> Self:
        """The same rows, kept in memory once they are read, or not."""

    def bytes_in_memory(self, facts: Mapping[Path, ImageFacts]) -> int:
        """What keeping every row would take."""


@dataclass(frozen=True)
class Batches:
    """Steps -> batches: rows of each table in its own order, cut to one shape. Picklable, so that processes share it.

    deep: sides that become float32 in [0, 1], so that 16 bits are not lost; the others stay uint8.
    pinned: in page-locked memory, from which a GPU copies while it computes.
    """

    tables: Sequence[tuple[Table, Order]]
    shape: Shape
    deep: Mapping[str, bool]
    pinned: bool = False

    @property
    def windows(self) -> int:
        """Steps in a row that share their pictures."""
        return self.tables[0][1].windows

    def group(self, number: int) -> Group:
        """The batches of micro-steps `number` times windows and on, as many as there are windows; each picture is read
        once for all of them. In the place of one that cannot be read stands the next row that can.

        Raises: ImageError, naming the file, where none of the next rows can be read either.
        """
        steps = range(number * self.windows, (number + 1) * self.windows)
        group = Group([{} for _ in steps], [])
        for table, (rows, order) in enumerate(self.tables):
            for batch, part in zip(group.batches, self._cut(table, rows, order, steps, group.faults), strict=True):
                batch |= part
        return group

    def _cut(self, table: int, rows: Table, order: Order, steps: range, faults: list[Fault]) -> list[dict[str, Tensor]]:
        """Windows of one table, a batch for each step. A picture is let go before the next is read: it may be large."""
        shapes = {name: (order.batch_size, rows.channels[name], *self.shape) for name in rows.channels}
        batches = [{name: empty(shapes[name], self.deep[name], self.pinned) for name in shapes} for _ in steps]
        if rows.labels is not None:
            batches = [batch | {LABEL: torch.empty(order.batch_size, dtype=torch.int64)} for batch in batches]
        for place, draws in enumerate(zip(*(order.batch(step) for step in steps), strict=True)):
            number, row = self._readable(table, rows, draws[0].row, faults)
            for batch, draw in zip(batches, draws, strict=True):
                for name, pixels in row.items():
                    put(window(pixels, self.shape, draw.down, draw.across), batch[name][place])
                if rows.labels is not None:
                    batch[LABEL][place] = int(rows.labels[number])
        return batches

    def _readable(self, table: int, rows: Table, wanted: int, faults: list[Fault]) -> tuple[int, dict[str, np.ndarray]]:
        """The wanted row, or the first after it that can be read, and its number."""
        for further in range(TRIES):
            number = (wanted + further) % len(rows)
            try:
                return number, rows[number]
            except (ImageError, OSError) as error:
                faults.append((table, number, len(rows), " ".join(str(error).split())))
                last = error
        raise ImageError(f"{faults[-1][3]}; nor can the {TRIES - 1} pictures before it be read") from last


@dataclass(frozen=True)
class Group:
    """Batches of steps that share their pictures, and which pictures could not be read on the way.

    batches: {side: (N, C, *shape)} for each step, and "label" (N,) where the rows have classes.
    """

    batches: list[dict[str, Tensor]]
    faults: list[Fault]


def window(pixels: np.ndarray, shape: Shape, down: float, across: float) -> np.ndarray:
    """The part of this shape of pixels (C, H, W) whose corner lies at these fractions of the room that there is."""
    height, width = shape
    top = int(down * (pixels.shape[1] - height + 1))
    left = int(across * (pixels.shape[2] - width + 1))
    return pixels[:, top : top + height, left : left + width]


def stacked(pictures: Sequence[np.ndarray], deep: bool) -> Tensor:
    """Pictures (C, H, W) of uint8 or uint16 as one (N, C, H, W): float32 in [0, 1] where deep, else uint8."""
    batch = empty((len(pictures), *pictures[0].shape), deep)
    for place, picture in zip(batch, pictures, strict=True):
        put(picture, place)
    return batch


def empty(shape: tuple[int, ...], deep: bool, pinned: bool = False) -> Tensor:
    """Room for a batch: float32 where deep, else uint8."""
    return torch.empty(shape, dtype=torch.float32 if deep else torch.uint8, pin_memory=pinned)


def put(picture: np.ndarray, place: Tensor) -> None:
    """Writes a picture of uint8 or uint16 where it belongs: in [0, 1] where the place is float32."""
    deep = place.dtype == torch.float32
    place.numpy()[...] = picture / np.float32(np.iinfo(picture.dtype).max) if deep else picture
