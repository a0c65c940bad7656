"""A row of tiles becoming one: each tile is laid down, and shared with its neighbours only where they fade."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from .tiling import Axis

_Rectangle = tuple[slice, slice]


class Shares:
    """What each window of an axis adds, on the device: (end - first,) for each number, made when first asked for."""

    def __init__(self, axis: Axis, scale: int, device: torch.device) -> None:
        self._axis, self._scale, self._device = axis, scale, device
        self._made: dict[int, Tensor] = {}

    def __getitem__(self, number: int) -> Tensor:
        if number not in self._made:
            weights = self._axis.weights(number, self._scale)
            self._made[number] = weights.to(self._device, non_blocking=True)
        return self._made[number]


class Strip:
    """The span of one row of windows, (C, end - first, W * scale), to which tiles are added from left to right.

    Where a tile's share is 1 the others' is 0, so that it is copied there; weights and sums are for the borders alone.
    complete: whether all windows of the row will be added.
    """

    def __init__(
        self, axes: tuple[Axis, Axis], shares: tuple[Shares, Shares], row: int, scale: int, complete: bool
    ) -> None:
        self._complete = complete
        self._down, self._across = axes
        self._vertical, self._horizontal = shares
        self._row, self._scale = row, scale
        self.first, self.end = self._down.span(row, scale)
        self.values: Tensor | None = None

    def add(self, column: int, result: Tensor) -> None:
        """Window `column` of the row, (C', h * scale, w * scale)."""
        scale = self._scale
        left, right = self._across.span(column, scale)
        y, x = self._down.starts[self._row] * scale, self._across.starts[column] * scale
        part = result[:, self.first - y : self.end - y, left - x : right - x]
        if self.values is None:
            self.values = self._blank(len(part), part.device)
        place = self.values[:, :, left:right]
        rows, columns = _alone(self._down, self._row, scale), _alone(self._across, column, scale)
        place[:, rows, columns] = part[:, rows, columns]
        for high, wide in _around(rows, columns, part.shape[1], part.shape[2]):
            share = self._vertical[self._row][high, None] * self._horizontal[column][wide]
            place[:, high, wide] += part[:, high, wide] * share

    def _blank(self, channels: int, device: torch.device) -> Tensor:
        """Zeros where tiles are summed up; with windows left out, everywhere."""
        size = channels, self.end - self.first, self._across.length * self._scale
        if not self._complete:
            return torch.zeros(size, device=device)
        values = torch.empty(size, device=device)
        rows = _alone(self._down, self._row, self._scale)
        values[:, : rows.start] = 0
        values[:, rows.stop :] = 0
        for fade in self._across.fades:
            values[:, rows, fade * self._scale : (fade + self._across.blend) * self._scale] = 0
        return values


def _alone(axis: Axis, number: int, scale: int) -> slice:
    """Where window `number` is the only one, within its span."""
    first, end = axis.span(number, scale)
    start = first + axis.blend * scale if number else first
    stop = axis.fades[number] * scale if number < len(axis.fades) else end
    return slice(start - first, max(start, stop) - first)


def _around(rows: slice, columns: slice, height: int, width: int) -> Iterator[_Rectangle]:
    """What is left of (height, width) without that rectangle: above, below, left, right."""
    everywhere = slice(0, width)
    for high, wide in (
        (slice(0, rows.start), everywhere),
        (slice(rows.stop, height), everywhere),
        (rows, slice(0, columns.start)),
        (rows, slice(columns.stop, width)),
    ):
        if high.start < high.stop and wide.start < wide.stop:
            yield high, wide
