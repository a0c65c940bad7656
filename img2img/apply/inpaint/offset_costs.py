"""What it costs to fill a pixel by the copy from an offset: how unlike the patches around both places are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from img2img.data.masks.values import Hole
from img2img.images.decode import Samples

from .offsets import Offsets

PATCH = 17
"""Side of the squares that are compared, px: seen with the guide, more would be blurred."""

NOWHERE = 1e3
"""Of an offset that leads to no usable pixel."""

BLACK_ON_WHITE = 4.0
"""Squared difference of a value in [-1, 1], at most."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Part of a photo, and what of it is to be copied together.

    picture: float32 (C, h, w) in [-1, 1], filled coarsely where it is not known. target: (h, w), 1 = to be filled.
    known: 1 where the picture is what it should be. usable: 1 where copies may be taken from, all of it known.
    """

    picture: Samples
    target: Hole
    known: Hole
    usable: Hole

    def at(self, offsets: Offsets) -> Samples:
        """(C, n): what each pixel of the target, row by row, is copied from at its own offset (n, 2)."""
        y, x = np.nonzero(self.target)
        found: Samples = self.picture[:, y + offsets[:, 0], x + offsets[:, 1]]
        return found


def patch_costs(scene: Scene, wanted: Samples, weight: Samples, source: Samples, offsets: Offsets) -> Samples:
    """(K, n): the weighted mean squared difference around each of the target's n pixels, for each offset.

    wanted: (C, h, w), compared at known places with the scene's picture there, elsewhere with `source`, such as a
    picture as blurred as a guide is. weight: (h, w), of the places.
    """
    box = _box(scene.target, PATCH // 2)
    rows, columns = (place - first for place, first in zip(np.nonzero(scene.target), (box[0], box[2]), strict=True))
    costs = np.full((len(offsets), len(rows)), NOWHERE, np.float32)
    for cost, offset in zip(costs, offsets.tolist(), strict=True):
        here, there = _moved(box, offset, scene.target.shape)
        if here[0].start >= here[0].stop or here[1].start >= here[1].stop:
            continue
        copied = np.where(scene.known[here] > 0, scene.picture[:, *there], source[:, *there])
        usable = scene.usable[there] > 0
        share, apart, leads = np.zeros((3, box[1] - box[0], box[3] - box[2]), np.float32)
        inner = tuple(slice(s.start - o, s.stop - o) for s, o in zip(here, (box[0], box[2]), strict=True))
        difference = wanted[:, *here] - copied
        share[inner] = weight[here] * usable
        apart[inner] = np.einsum("chw,chw->hw", difference, difference) * share[inner]
        leads[inner] = usable
        mean = _sums(apart) / np.maximum(_sums(share), 1e-6)
        cost[:] = np.where(leads > 0, mean, NOWHERE)[rows, columns]
    return costs


def edge_costs(scene: Scene, offsets: Offsets) -> Samples:
    """(K, n): how far the known neighbours of the target's pixels are from what each offset would copy to them.

    Squared differences, summed over up to four neighbours: the seam to the known part (He and Sun 2012, equation 2).
    """
    height, width = scene.target.shape
    y, x = np.nonzero(scene.target)
    total = np.zeros((len(offsets), len(y)), np.float32)
    for down, across in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        beside_y, beside_x = y + down, x + across
        inside = (beside_y >= 0) & (beside_y < height) & (beside_x >= 0) & (beside_x < width)
        inside[inside] = scene.known[beside_y[inside], beside_x[inside]] > 0
        (met,) = np.nonzero(inside)
        beside_y, beside_x = beside_y[met], beside_x[met]
        there_y, there_x = beside_y + offsets[:, :1], beside_x + offsets[:, 1:]
        leads = (there_y >= 0) & (there_y < height) & (there_x >= 0) & (there_x < width)
        there_y, there_x = there_y.clip(0, height - 1), there_x.clip(0, width - 1)
        leads &= scene.usable[there_y, there_x] > 0
        apart = np.square(scene.picture[:, there_y, there_x] - scene.picture[:, beside_y, beside_x][:, None]).sum(0)
        total[:, met] += np.where(leads, apart, BLACK_ON_WHITE)
    return total


def known_variance(scene: Scene) -> Samples:
    """(n,): the variance of the known pixels in the patch around each pixel of the target; 0 where there are none."""
    known = scene.known.astype(np.float32)
    count = np.maximum(_sums(known), 1e-6)
    parts = [_sums(np.square(p) * known) / count - np.square(_sums(p * known) / count) for p in scene.picture]
    found: Samples = np.maximum(np.sum(parts, axis=0), 0)[scene.target > 0]
    return found


def _box(hole: Hole, reach: int) -> tuple[int, int, int, int]:
    """Top, bottom, left, right of what lies up to `reach` px around a hole."""
    rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
    height, width = hole.shape
    return (
        max(0, int(rows[0]) - reach),
        min(height, int(rows[-1]) + reach + 1),
        max(0, int(columns[0]) - reach),
        min(width, int(columns[-1]) + reach + 1),
    )


def _moved(
    box: tuple[int, int, int, int], offset: list[int], shape: tuple[int, ...]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The part of a box whose copies lie in the picture, and where they lie."""
    here, there = [], []
    for first, last, by, length in zip(box[::2], box[1::2], offset, shape, strict=True):
        start, stop = max(first, -by), min(last, length - by)
        here.append(slice(start, stop))
        there.append(slice(start + by, stop + by))
    return (here[0], here[1]), (there[0], there[1])


def _sums(plane: Samples) -> Samples:
    import cv2

    sums: Samples = cv2.boxFilter(plane, -1, (PATCH, PATCH), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return sums
