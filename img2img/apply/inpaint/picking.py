"""The thing under a point: nearly its colour around it, up to an edge. Without weights."""

from __future__ import annotations

import numpy as np

from img2img.data.masks.values import Hole
from img2img.images import ImageError, Photo, as_floats
from img2img.images.decode import Samples
from img2img.images.samples import fit_channels

SIDE = 768
"""Longer side of the copy on which the thing is looked for, px."""
TOLERANCES = np.geomspace(2, 48, 24)
"""How far from the point's colour a thing's may be, in Lab of 0 to 255."""
SMALLEST, LARGEST = 0.0005, 0.5
"""Shares of the photo that a thing may cover; what is smaller is grain in it."""


def thing_at(photo: Photo, x: int, y: int) -> Hole:
    """(H, W) of an upright photo, 1 on the thing under px (x, y), and on what it surrounds.

    For each of `TOLERANCES` what is connected to the point and differs no more from its colour is a candidate, with
    Canny's edges as walls. The thing is the candidate that grows least with the tolerance, as the stable regions of
    Matas et al. 2002 do. Raises ImageError for a point outside of the photo.
    """
    import cv2

    if not (0 <= x < photo.width and 0 <= y < photo.height):
        raise ImageError(f"--pick {x},{y}: outside of the photo, {photo.width} x {photo.height} px")
    small = _small(photo)
    height, width = small.shape[:2]
    place = (min(width - 1, x * width // photo.width), min(height - 1, y * height // photo.height))
    found = _most_stable(_candidates(small, place))
    outlines, _ = cv2.findContours(found, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(found, outlines, -1, 1, cv2.FILLED)
    if (width, height) == (photo.width, photo.height):
        return found
    large = cv2.resize(found * 255, (photo.width, photo.height), interpolation=cv2.INTER_LINEAR)
    return (large > 127).astype(np.uint8)


def _small(photo: Photo) -> Samples:
    """(h, w, 3) uint8, at most `SIDE` px; only the rows and columns that are needed are ever floats."""
    import cv2

    shrink = max(1.0, max(photo.width, photo.height) / SIDE)
    step = max(1, int(shrink / 2))
    planes = fit_channels(as_floats(photo.pixels[:, ::step, ::step]), 3).numpy()
    samples = np.ascontiguousarray(((planes.transpose(1, 2, 0) + 1) * 127.5).round().astype(np.uint8))
    size = (max(1, round(photo.width / shrink)), max(1, round(photo.height / shrink)))
    return samples if size == samples.shape[1::-1] else cv2.resize(samples, size, interpolation=cv2.INTER_AREA)


def _candidates(samples: Samples, place: tuple[int, int]) -> list[Hole]:
    """What is connected to `place` (x, y) at each tolerance, from the strictest."""
    import cv2

    lab = cv2.cvtColor(cv2.medianBlur(samples, 3), cv2.COLOR_RGB2LAB)
    walls = cv2.Canny(cv2.cvtColor(samples, cv2.COLOR_RGB2GRAY), 80, 200) > 0
    x, y = place
    walls[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2] = False
    around = lab[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2].reshape(-1, 3)
    away = np.linalg.norm(lab.astype(np.float32) - np.median(around, axis=0), axis=2)
    found = []
    for tolerance in TOLERANCES:
        alike = ((away <= tolerance) & ~walls).astype(np.uint8)
        alike[y, x] = 1
        _, labels = cv2.connectedComponents(alike, connectivity=4)
        region = (labels == labels[y, x]).astype(np.uint8)
        found.append(cv2.dilate(region, np.ones((3, 3), np.uint8)))  # the walls are the thing's own rim
    return found


def _most_stable(candidates: list[Hole]) -> Hole:
    areas = np.array([candidate.sum() for candidate in candidates], float)
    growth = (areas[2:] - areas[:-2]) / areas[1:-1]
    allowed = (areas[1:-1] <= LARGEST * candidates[0].size) & (areas[1:-1] >= SMALLEST * candidates[0].size)
    if not allowed.any():
        return candidates[0]
    stable = growth <= growth[allowed].min() + 0.05
    return candidates[1 + int((allowed & stable).nonzero()[0][-1])]  # the largest of those that hardly grow
