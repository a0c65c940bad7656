"""The edge of a filled hole: what is filled meets the known pixels, which stay as they are."""

from __future__ import annotations

import numpy as np

from img2img.data.masks.values import Hole
from img2img.images.decode import Samples

WIDTH = 8
"""How far into a hole the known pixels' tone is carried, px."""

_BAND = 256  # rows


def blend_seam(planes: Samples, hole: Hole, width: int = WIDTH) -> None:
    """Shift what is filled towards the known pixels at its edge, ever less up to `width` px into the hole, in place.

    planes: (C, H, W) uint8, uint16 or float32, of which the pixels of `hole` (H, W), 1 = hole, are filled. At a pixel
    of the edge the step is the mean of its known neighbours less its own value; Gaussian means of the steps (of a third
    of the width) are added to the hole's pixels with a weight that falls as a cosine from 1 at the edge to 0. Texture
    that was filled stays, and beyond `width` nothing changes.
    """
    import cv2

    edge = hole & cv2.dilate(1 - hole, np.ones((3, 3), np.uint8))
    rows, columns = edge.nonzero()
    steps = _steps(planes, hole, rows, columns)
    for first in range(0, hole.shape[0], _BAND):
        top, last = max(0, first - 2 * width), min(hole.shape[0], first + _BAND + 2 * width)
        here = slice(*np.searchsorted(rows, (top, last)))
        if here.start == here.stop:
            continue
        left, right = max(0, columns[here].min() - width), columns[here].max() + width + 1
        band = hole[top:last, left:right]
        depth = cv2.distanceTransform(band, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        weight = np.cos(np.clip((depth - 1) / width, 0, 1) * (np.pi / 2)) ** 2 * band
        weight[: first - top] = weight[first - top + _BAND :] = 0
        places = rows[here] - top, columns[here] - left
        share = np.zeros(band.shape, np.float32)
        share[places] = 1
        share = _smooth(share, width)
        for plane, step in zip(planes[:, top:last, left:right], steps[:, here], strict=True):
            spread = np.zeros(band.shape, np.float32)
            spread[places] = step
            shift = weight * _smooth(spread, width) / np.maximum(share, 1e-12)
            _add(plane, shift, weight > 0)


def _steps(planes: Samples, hole: Hole, rows: Samples, columns: Samples) -> Samples:
    """(C, n) float32: mean of the known ones of the eight neighbours, less the pixel itself."""
    height, width = hole.shape
    total, count = np.zeros((len(planes), len(rows)), np.float32), np.zeros(len(rows), np.float32)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            y, x = rows + down, columns + across
            inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
            y, x = y.clip(0, height - 1), x.clip(0, width - 1)
            known = inside & (hole[y, x] == 0)
            total += planes[:, y, x] * known
            count += known
    return total / count - planes[:, rows, columns]


def _smooth(plane: Samples, width: int) -> Samples:
    import cv2

    return cv2.GaussianBlur(plane, (2 * width + 1, 2 * width + 1), width / 3, borderType=cv2.BORDER_CONSTANT)


def _add(plane: Samples, shift: Samples, where: Samples) -> None:
    changed = plane[where] + shift[where]
    if plane.dtype != np.float32:
        changed = np.rint(changed).clip(0, np.iinfo(plane.dtype).max)
    plane[where] = changed
