"""Copies of several places become one picture without steps: their gradients are kept, the known edge is met.

Poisson image editing (Perez, Gangnet and Blake 2003, equation 7) with the gradients of a shift map's copies (Pritch,
Kav-Venaki and Peleg 2009, section 3.3), solved from coarse to fine.
"""

from __future__ import annotations

import numpy as np

from img2img.data.masks.values import Hole
from img2img.images.decode import Samples

from .offset_costs import Scene
from .offsets import Offsets

CYCLES, SWEEPS, RELAXATION = 6, 6, 1.5
"""Ways from the coarsest level to the finest, sweeps of over-relaxation on each, and by how much a sweep overshoots: in
a hole of 110 px the error then is 1e-4 of what it was, in 0.04 s."""

COARSEST = 8
"""Side under which holes are made no smaller, px."""


def blended(scene: Scene, offsets: Offsets) -> Samples:
    """The scene's picture, with its target filled by copies at offsets (n, 2), which meet each other and the rest."""
    made = scene.picture.copy()
    made[:, scene.target > 0] = scene.at(offsets)
    blend(made, scene.target, *_steps(scene, offsets))
    return made.clip(-1, 1)


def _steps(scene: Scene, offsets: Offsets) -> list[Samples]:
    """Steps of the copies to the pixel below and to the right, (C, h, w): the mean of what both ends' offsets say."""
    height, width = scene.target.shape
    moves = np.zeros((2, height, width), np.int64)
    moves[:, scene.target > 0] = offsets.T
    moves += np.mgrid[:height, :width]
    found = []
    for down, across in ((1, 0), (0, 1)):
        ends = (slice(height - down), slice(width - across)), (slice(down, None), slice(across, None))
        touched = (scene.target[ends[0]] | scene.target[ends[1]]) > 0
        total, count = np.zeros_like(scene.picture), np.zeros((height, width), np.float32)
        for end, back in zip(ends, (0, 1), strict=True):
            y, x = moves[0][end] - back * down, moves[1][end] - back * across
            inside = touched & (y >= 0) & (x >= 0) & (y + down < height) & (x + across < width)
            y, x = y.clip(0, height - 1 - down), x.clip(0, width - 1 - across)
            counts = inside & (scene.usable[y, x] > 0) & (scene.usable[y + down, x + across] > 0)
            step = scene.picture[:, y + down, x + across] - scene.picture[:, y, x]
            total[:, *ends[0]] += step * counts
            count[ends[0]] += counts
        found.append(total / np.maximum(count, 1))
    return found


def blend(picture: Samples, hole: Hole, down: Samples, across: Samples) -> None:
    """Make the hole of float32 (C, h, w) a picture whose steps to the next pixel are those wanted, in place.

    hole: (h, w), 1 = hole, not all of it. down, across: (C, h, w), wanted steps to the pixel below and to the right,
    read between pixels of which at least one is of the hole. What the hole holds is where the search begins.
    """
    lower = np.zeros_like(picture)
    lower[:, :-1] += down[:, :-1]
    lower[:, 1:] -= down[:, :-1]
    lower[:, :, :-1] += across[:, :, :-1]
    lower[:, :, 1:] -= across[:, :, :-1]
    for _ in range(CYCLES):
        residual = _neighbours(picture) - _count(hole.shape) * picture - lower
        residual *= hole
        picture += _solved(residual, hole)


def _solved(residual: Samples, hole: Hole) -> Samples:
    """(C, h, w) u, 0 outside of the hole, with (4 or fewer) * u - neighbours = residual inside, nearly."""
    height, width = hole.shape
    if min(height, width) > COARSEST:
        small = _halved_hole(hole)
        coarse = _solved(4 * _halved(residual) * small, small)
        found = np.repeat(np.repeat(coarse, 2, 1), 2, 2)[:, :height, :width] * hole
    else:
        found = np.zeros_like(residual)
    _sweep(found, residual, hole)
    return found


def _sweep(found: Samples, residual: Samples, hole: Hole) -> None:
    """Red-black over-relaxation, in place."""
    count = _count(hole.shape)
    down, across = np.ogrid[: hole.shape[0], : hole.shape[1]]
    colours = [hole * ((down + across) % 2 == k) * (np.float32(RELAXATION) / count) for k in (0, 1)]
    for _ in range(SWEEPS):
        for share in colours:
            found += share * (_neighbours(found) + residual - count * found)


def _neighbours(picture: Samples) -> Samples:
    """Sums of the four neighbours; beyond the border there is nothing."""
    total = np.zeros_like(picture)
    total[:, 1:] += picture[:, :-1]
    total[:, :-1] += picture[:, 1:]
    total[:, :, 1:] += picture[:, :, :-1]
    total[:, :, :-1] += picture[:, :, 1:]
    return total


def _count(shape: tuple[int, ...]) -> Samples:
    """(h, w): how many neighbours a pixel has."""
    return _neighbours(np.ones((1, *shape), np.float32))[0]


def _halved(planes: Samples) -> Samples:
    height, width = planes.shape[1:]
    padded = np.pad(planes, ((0, 0), (0, height % 2), (0, width % 2)))
    return padded.reshape(len(planes), padded.shape[1] // 2, 2, -1, 2).mean((2, 4))


def _halved_hole(hole: Hole) -> Hole:
    """1 where the whole block is of the hole: the known edge stays known."""
    padded = np.pad(hole, ((0, hole.shape[0] % 2), (0, hole.shape[1] % 2)), mode="edge")
    small: Hole = padded.reshape(padded.shape[0] // 2, 2, -1, 2).min((1, 3))
    return small
