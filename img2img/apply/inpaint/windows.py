"""The parts of a photo that a network is shown to fill its holes: near holes share a window, far ones have their own.

So a photo of any size costs what its holes cost, and each hole is seen at the resolution that the network knows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .holes import Box, Boxes, Holes

LARGEST = 5 / 8
"""A hole up to this share of the side that the network knows is shown whole, at full resolution: the rest is context,
and the holes of training go up to about as much."""

MARGIN = 4
"""Around larger holes a window shows the network's side divided by this, and so much is what a pixel of a hole may be
away from the known ones, twice over, before the hole is shown smaller."""

Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Window:
    """Part of a photo around some holes.

    holes: their numbers. box: what the network sees. shrink: how many px of the photo are one of the network's, in
    each direction: a power of two, 1 for full resolution.
    """

    holes: tuple[int, ...]
    box: Box
    shrink: int


def find_windows(holes: Holes, side: int) -> list[Window]:
    """The windows for a network that knows squares of `side` px, by the first of their holes.

    Two windows become one where that is no larger than the larger of them, and shows neither's holes smaller.
    """
    groups = _Groups(holes, side)
    number = 0
    while number < len(groups):
        number += not groups.join(number)
    return groups.windows()


class _Groups:
    """Holes that share a window; all lengths in px of the photo."""

    def __init__(self, holes: Holes, side: int) -> None:
        self._side = side
        self._shape = np.array(holes.mask.shape)
        self._holes: list[tuple[int, ...]] = [(number,) for number in range(len(holes.boxes))]
        self._boxes = holes.boxes.copy()
        self._widths = np.array([holes.width(number) for number in range(len(self._boxes))])
        self._shrinks = self._shrink(self._boxes, self._widths)
        self._costs = self._cost(self._boxes, self._shrinks)

    def __len__(self) -> int:
        return len(self._holes)

    def join(self, number: int) -> bool:
        """Add the nearest of the later groups that share a window with this one; False where none does."""
        mine, others = self._boxes[number], self._boxes[number + 1 :]
        both = np.where([True, False, True, False], np.minimum(others, mine), np.maximum(others, mine))
        shrinks = self._shrink(both, np.maximum(self._widths[number + 1 :], self._widths[number]))
        costs = self._cost(both, shrinks)
        alike = (shrinks == self._shrinks[number]) & (shrinks == self._shrinks[number + 1 :])
        fits = alike & (costs <= np.maximum(self._costs[number + 1 :], self._costs[number]))
        if not fits.any():
            return False
        area = (both[:, 1] - both[:, 0]) * (both[:, 3] - both[:, 2])
        best = int(np.where(fits, area, np.iinfo(np.int64).max).argmin())
        other = number + 1 + best
        self._boxes[number], self._costs[number] = both[best], costs[best]
        self._widths[number] = max(self._widths[number], self._widths[other])
        self._holes[number] += self._holes.pop(other)
        self._boxes, self._widths, self._shrinks, self._costs = (
            np.delete(array, other, axis=0) for array in (self._boxes, self._widths, self._shrinks, self._costs)
        )
        return True

    def windows(self) -> list[Window]:
        """The groups as they are."""
        found = zip(self._holes, self._around(self._boxes, self._shrinks).tolist(), self._shrinks, strict=True)
        return [Window(holes, tuple(box), int(shrink)) for holes, box, shrink in found]

    def _shrink(self, boxes: Boxes, widths: np.ndarray) -> Numbers:
        """The least power of two at which a hole fits, or is narrow enough to be filled tile by tile."""
        if (self._shape <= self._side).all():
            return np.ones(len(boxes), np.int64)  # there is no more context to be had
        longest = np.maximum(boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2])
        wanted = np.minimum(longest / (LARGEST * self._side), widths * MARGIN / self._side)
        return (2 ** np.ceil(np.log2(np.maximum(wanted, 1)))).astype(np.int64)

    def _around(self, boxes: Boxes, shrinks: Numbers) -> Boxes:
        """What is seen around boxes: a square of the network's side, more around larger ones, all within the photo."""
        seen = np.empty_like(boxes)
        for axis, length in enumerate(self._shape):
            first, last = boxes[:, 2 * axis], boxes[:, 2 * axis + 1]
            size = -(-(last - first) // shrinks)
            fits = size <= LARGEST * self._side
            size = np.where(fits, self._side, size + 2 * (self._side // MARGIN)) * shrinks
            start = np.clip((first + last - size) // 2, 0, np.maximum(length - size, 0))
            seen[:, 2 * axis], seen[:, 2 * axis + 1] = start, np.minimum(start + size, length)
        return seen

    def _cost(self, boxes: Boxes, shrinks: Numbers) -> Numbers:
        """Pixels that the network sees."""
        seen = self._around(boxes, shrinks)
        down, across = (np.maximum((seen[:, k + 1] - seen[:, k]) // shrinks, self._side) for k in (0, 2))
        return down * across
