"""Where in a photo what a hole lacks may lie: the offsets between patches that look alike.

After He and Sun 2012, "Statistics of Patch Offsets for Image Completion": similar patches of one photo lie at few
offsets to each other, and those say which shifted copies of the photo are worth trying. Theirs are offsets between
known patches; here the patches of a coarse fill, and those at the hole's edge, ask too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from img2img.data.masks.values import Hole
from img2img.images.decode import Samples

GRID, STEP = 5, 2
"""A patch is described by means of 3 x 3 px at GRID x GRID places STEP px apart: it reaches over 11 px."""

FEATURES = 24
"""Principal components of that, which keep more than 95 % of the variance of most photos."""

ASKING, ANSWERING = 2048, 12288
"""Patches that ask, and that may answer, at most: evenly chosen."""

LEAST = 64
"""Patches that ask for a hole of one pixel."""

SHORTEST = 8
"""Offsets between known patches that are shorter say only that photos are smooth, px."""

Offsets = np.ndarray[Any, np.dtype[np.int64]]
"""(n, 2): how far down and across from a pixel its copy's source lies, px."""

_AT_ONCE = 256  # patches whose distances to all that may answer are in memory at the same time: 12 MiB


def find_offsets(picture: Samples, target: Hole, usable: Hole, common: int, wanted: int) -> Offsets:
    """The most frequent offsets, without repeats: up to `common` between usable patches near the target, and up to
    `wanted` from patches of the target and its edge to usable ones.

    picture: float32 (C, h, w), filled coarsely where it is not known. target, usable: (h, w), 1 where it is to be
    filled, and where copies may be taken from.
    """
    import cv2

    reach = 2 * (GRID // 2 * STEP + 1) + 1
    around = np.ones((reach, reach), np.uint8)
    whole = cv2.erode(usable, around, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    sources = _evenly(np.flatnonzero(whole), ANSWERING)
    if not len(sources):
        return np.zeros((0, 2), np.int64)
    features = _features(picture, sources)
    most = min(ASKING, LEAST + int(target.sum()) // 4)
    depth = cv2.distanceTransform(target, cv2.DIST_L2, cv2.DIST_MASK_5).max()
    near = cv2.blur(target.astype(np.float32), (2 * int(depth) + reach,) * 2) > 0
    known = _evenly(np.flatnonzero((whole > 0) & near), most)
    asking = _evenly(np.flatnonzero(cv2.dilate(target, around[:7, :7])), 2 * most)
    shape = target.shape
    common_ones = _peaks(_nearest(features, known, sources, shape[1], SHORTEST), shape, common)
    wanted_ones = _peaks(_nearest(features, asking, sources, shape[1], 1), shape, wanted)
    return np.unique(np.concatenate([common_ones, wanted_ones]), axis=0)


def _features(picture: Samples, sources: Samples) -> torch.Tensor:
    """(h * w, FEATURES): every patch in the main directions in which those of the sources differ."""
    import cv2

    height, width = picture.shape[1:]
    reach = GRID // 2 * STEP
    blurred = [cv2.blur(plane, (3, 3), borderType=cv2.BORDER_REPLICATE) for plane in picture]
    padded = np.pad(blurred, ((0, 0), (reach, reach), (reach, reach)), mode="edge")
    places = [(STEP * y, STEP * x) for y in range(GRID) for x in range(GRID)]
    squares = np.stack([plane[y : y + height, x : x + width].ravel() for plane in padded for y, x in places])
    patches = torch.from_numpy(squares).T
    chosen = patches[sources]
    mean = chosen.mean(0)
    _, directions = torch.linalg.eigh((chosen - mean).T @ (chosen - mean))
    return (patches - mean) @ directions[:, -FEATURES:]


def _nearest(features: torch.Tensor, asking: Samples, sources: Samples, width: int, shortest: int) -> Offsets:
    """(n, 2): from each asking patch to the source most like it that is at least `shortest` px away along an axis."""
    if not len(asking):
        return np.zeros((0, 2), np.int64)
    known = features[sources]
    lengths = known.square().sum(1)
    y, x = (torch.from_numpy(part.astype(np.int16)) for part in np.divmod(sources, width))
    found = []
    for part in torch.from_numpy(asking).split(_AT_ONCE):
        apart = torch.addmm(lengths, features[part], known.T, alpha=-2)
        if shortest > 1:
            down = (y - (part // width).to(torch.int16)[:, None]).abs_()
            across = (x - (part % width).to(torch.int16)[:, None]).abs_()
            apart.masked_fill_(torch.maximum(down, across) < shortest, torch.inf)
        found.append(apart.argmin(1))
    chosen = sources[torch.cat(found).numpy()]
    there, here = np.stack(np.divmod(chosen, width), 1), np.stack(np.divmod(asking, width), 1)
    return there - here


def _peaks(offsets: Offsets, shape: tuple[int, ...], most: int) -> Offsets:
    """The places where a smoothed histogram of offsets has its highest peaks."""
    import cv2

    height, width = shape
    counts = np.zeros((2 * height + 1, 2 * width + 1), np.float32)
    np.add.at(counts, (offsets[:, 0] + height, offsets[:, 1] + width), 1)
    smooth = cv2.GaussianBlur(counts, (9, 9), 2**0.5)
    peaks = np.flatnonzero((smooth == cv2.dilate(smooth, np.ones((5, 5), np.uint8))) & (smooth > 1e-3))
    best = peaks[np.argsort(-smooth.ravel()[peaks], kind="stable")[:most]]
    found: Offsets = np.stack(np.divmod(best, 2 * width + 1), 1) - np.array([height, width])
    return found


def _evenly(places: Samples, most: int) -> Samples:
    return places[:: max(1, -(-len(places) // most))]
