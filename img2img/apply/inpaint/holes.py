"""The holes of a mask one by one: where each is, how wide, and which pixels are its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from img2img.data.masks.values import Hole

Box = tuple[int, int, int, int]
"""Top, bottom, left, right, px; bottom and right are outside."""

Boxes = np.ndarray[Any, np.dtype[np.int64]]
"""(n, 4): so many boxes."""

_FINEST = 1024
"""Side of the masks on which a hole's width is measured, px."""


class Holes:
    """The parts of a mask, where pixels are of one part if the blocks of `block` x `block` px that they lie in touch.

    Coarse on purpose: holes so near are filled together, and labels take a hundredth of the photo's memory.
    """

    def __init__(self, hole: Hole, block: int) -> None:
        """hole: (H, W) uint8, 1 = hole."""
        import cv2

        self.mask = hole
        self._block = block
        down, across = (-(-length // block) for length in hole.shape)
        padded = np.zeros((down * block, across * block), np.uint8)
        padded[: hole.shape[0], : hole.shape[1]] = hole
        marked = padded.reshape(down, block, across, block).max(axis=(1, 3))
        _, self._labels, stats, _ = cv2.connectedComponentsWithStats(marked, connectivity=8)
        self.boxes: Boxes = np.array([self._tight(n, place) for n, place in enumerate(stats[1:])], np.int64).reshape(
            -1, 4
        )

    def own(self, numbers: tuple[int, ...], box: Box) -> Hole:
        """(bottom - top, right - left) uint8: 1 where a pixel of the box is of one of these holes, counted from 0."""
        top, bottom, left, right = box
        block = self._block
        chosen = np.zeros(int(self._labels.max()) + 1, np.uint8)
        chosen[[number + 1 for number in numbers]] = 1
        cells = chosen[self._labels[top // block : -(-bottom // block), left // block : -(-right // block)]]
        y, x = top % block, left % block
        pixels = cells.repeat(block, axis=0).repeat(block, axis=1)[y : y + bottom - top, x : x + right - left]
        return pixels & self.mask[top:bottom, left:right]

    def tight(self, numbers: tuple[int, ...], box: Box) -> Box | None:
        """The smallest box around what `own` marks; None where that is nothing."""
        own = self.own(numbers, box)
        rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
        if not len(rows):
            return None
        top, left = box[0], box[2]
        return top + int(rows[0]), top + int(rows[-1]) + 1, left + int(columns[0]), left + int(columns[-1]) + 1

    def width(self, number: int) -> float:
        """Twice the distance from the known pixels at which the deepest pixel of a hole lies, px."""
        import cv2

        top, bottom, left, right = self.boxes[number].tolist()
        around = self.mask[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1]
        step = -(-max(around.shape) // _FINEST)
        depths = cv2.distanceTransform(np.ascontiguousarray(around[::step, ::step]), cv2.DIST_L2, cv2.DIST_MASK_5)
        return 2 * step * float(depths.max())

    def _tight(self, number: int, place: Any) -> Box:
        """The box of a hole, from that of its blocks (left, top, width, height, area)."""
        height, width = self.mask.shape
        left, top = (int(value) * self._block for value in place[:2])
        bottom = min(height, top + int(place[3]) * self._block)
        right = min(width, left + int(place[2]) * self._block)
        found = self.tight((number,), (top, bottom, left, right))
        assert found is not None
        return found
