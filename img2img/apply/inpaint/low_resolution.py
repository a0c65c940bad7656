"""A part of a photo at low resolution, made of its known pixels alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from img2img.data.masks.values import Hole
from img2img.images.decode import Samples

_ROWS = 32  # of the result at a time, so that the photo never becomes floats as a whole


def shrunk(planes: Samples, hole: Hole, factor: int) -> tuple[Samples, Hole, Samples]:
    """Means of the known pixels in blocks of `factor` x `factor` px.

    planes: (C, H, W) uint8, uint16, or float32 in [-1, 1]; hole: (H, W) uint8, 1 = hole, whose pixels are never read.
    Returns: float32 (C, ceil(H / factor), ceil(W / factor)) in [-1, 1]; its hole, 1 where less than half of a block is
    known; and uint8, 1 where all of it is.
    """
    down, across = (-(-length // factor) for length in hole.shape)
    low = np.empty((len(planes), down, across), np.float32)
    small_hole, whole = np.empty((2, down, across), np.uint8)
    for first in range(0, down, _ROWS):
        rows = slice(first * factor, (first + _ROWS) * factor)
        part = slice(first, first + _ROWS)
        known = 1 - hole[rows]
        count = _sums(known.astype(np.float32), factor)
        area = _sums(np.ones(known.shape, np.float32), factor)
        for plane, made in zip(planes[:, rows], low[:, part], strict=True):
            made[:] = _sums(np.where(known, as_unit(plane), 0), factor) / np.maximum(count, 1)
        small_hole[part], whole[part] = 2 * count < area, count == area
    return low, small_hole, whole


def block_maximum(mask: Hole, factor: int) -> Hole:
    """(H, W) -> (ceil(H / factor), ceil(W / factor)): 1 where any pixel of a block is."""
    height, width = mask.shape
    padded = np.pad(mask, ((0, -height % factor), (0, -width % factor)))
    return padded.reshape(padded.shape[0] // factor, factor, -1, factor).max((1, 3))


def enlarged(plane: Samples, factor: int, shape: tuple[int, ...]) -> Samples:
    """(h, w) -> (H, W), the first rows and columns of `factor` times as many; bilinear."""
    import cv2

    size = plane.shape[1] * factor, plane.shape[0] * factor
    return cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)[: shape[0], : shape[1]]


def as_unit(samples: Samples) -> Samples:
    """Integers as float32 in [-1, 1], as `to_pixels` has them; floats as they are."""
    if samples.dtype == np.float32:
        return samples
    return samples.astype(np.float32) * np.float32(2 / np.iinfo(samples.dtype).max) - 1


def as_stored(values: Samples, kind: np.dtype[Any]) -> Samples:
    """Floats in [-1, 1] as `kind`, uint8, uint16 or float32; clamped, rounded to nearest."""
    if kind == np.float32:
        return values.clip(-1, 1)
    top = np.iinfo(kind).max
    return np.rint((values + 1) * np.float32(top / 2)).clip(0, top).astype(kind)


def _sums(values: Samples, factor: int) -> Samples:
    """(H, W) -> sums over blocks; beyond the border there is nothing."""
    height, width = values.shape
    padded = np.pad(values, ((0, -height % factor), (0, -width % factor)))
    return padded.reshape(padded.shape[0] // factor, factor, -1, factor).sum((1, 3))
