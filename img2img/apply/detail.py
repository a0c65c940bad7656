"""Detail for a hole that was filled at low resolution: taken over from the known part of the photo.

The idea of contextual residuals (arXiv:2005.09704, section 3.2), with the matches found by the low-resolution picture
itself instead of a network's attention, so that it serves any network: where the filled picture looks like a known
place, the difference between the photo and its low resolution is taken over from there.

On 12 photographs, with the true low resolution in an elliptic hole of 100 px there, LPIPS over the hole's square fell
from 0.102 to 0.044 (shrunk 2 times) and from 0.208 to 0.101 (4 times), and PSNR rose by 1.7 and 0.8 dB; with Telea's
fill LPIPS fell from 0.446 to 0.411 (4 times) and PSNR stayed. That was each square for itself; that neighbours agree
brought another 0.003 to 0.008 of LPIPS.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad, unfold

from img2img.images.decode import Samples

from .shrinking import as_unit

PATCH = 3
"""Side of the squares that are compared, px of the low resolution."""

SOURCES = 8192
"""Known places that are compared at most, evenly chosen: a hole of 10,000 px then takes a second of one core."""

LOOSER, LEVEL, ROUNDS = 1.5, 0.02, 12
"""A neighbour's move fits as well where its distance is up to so many times the least, plus so much a value; and how
often all are asked."""

_SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))
_AT_ONCE = 512  # px of the hole whose distances to all sources are in memory at the same time: 16 MiB

Floats = Samples


class Detail:
    """What a filled low resolution becomes at full resolution, pixel by pixel."""

    def __init__(self, low: Floats, known: Samples, shrink: int) -> None:
        """low: float32 (C, h, w), filled. known: (h, w) uint8, 1 where each pixel of the photo is known."""
        import cv2

        self._low = low
        self._shrink = shrink
        around = np.ones((PATCH, PATCH), np.uint8)
        usable = cv2.erode(known, around, borderType=cv2.BORDER_CONSTANT, borderValue=0)
        sources, targets = np.flatnonzero(usable), np.flatnonzero(cv2.dilate(1 - known, around))
        self._moves = np.zeros((2, *known.shape), np.int64)
        self._found = len(sources) > 0
        if self._found:
            squares = _squares(low)
            nearest, distances = _nearest(squares, targets, sources[:: -(-len(sources) // SOURCES)])
            y, x = np.unravel_index(targets, known.shape)
            self._moves[:, y, x] = np.stack(np.unravel_index(nearest, known.shape)) - (y, x)
            _agree(self._moves, squares, targets, distances, usable > 0)

    def at(self, rows: Samples, columns: Samples, photo: Samples) -> Floats:
        """The colours (C, n) float32 of n pixels of the hole.

        rows, columns: their places, px of the photo. photo: (C, H, W) float32 or integers, read at known places alone.
        """
        corners = self._corners(rows, columns)
        smooth = self._mixed(corners, 0, 0)
        if not self._found:
            return smooth
        height, width = photo.shape[1:]
        made = smooth
        for y, x, share in corners:
            down, across = self._moves[0][y, x], self._moves[1][y, x]
            there = photo[
                :,
                (rows + down * self._shrink).clip(0, height - 1),
                (columns + across * self._shrink).clip(0, width - 1),
            ]
            made = made + share * (as_unit(there) - self._mixed(corners, down, across))
        return made

    def _corners(self, rows: Samples, columns: Samples) -> list[tuple[Samples, Samples, Floats]]:
        """The four px of the low resolution around each pixel, (y, x, its share), whose shares add up to 1."""
        y, x = ((place + 0.5) / self._shrink - 0.5 for place in (rows, columns))
        top, left = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
        down, across = (y - top).astype(np.float32), (x - left).astype(np.float32)
        height, width = self._low.shape[1:]
        return [
            (
                (top + a).clip(0, height - 1),
                (left + b).clip(0, width - 1),
                (down if a else 1 - down) * (across if b else 1 - across),
            )
            for a in (0, 1)
            for b in (0, 1)
        ]

    def _mixed(
        self, corners: list[tuple[Samples, Samples, Floats]], down: Samples | int, across: Samples | int
    ) -> Floats:
        """The low resolution, bilinear, at pixels that are moved by whole px of it: (C, n)."""
        height, width = self._low.shape[1:]
        made = np.zeros((len(self._low), len(corners[0][0])), np.float32)
        for y, x, share in corners:
            made += share * self._low[:, (y + down).clip(0, height - 1), (x + across).clip(0, width - 1)]
        return made


def _nearest(squares: Tensor, targets: Samples, sources: Samples) -> tuple[Samples, Samples]:
    """For each target the source whose square is most like its own, as flat indices, and their squared distances."""
    known = squares[sources]
    lengths = known.square().sum(1)
    found, least = [], []
    for part in torch.from_numpy(targets).split(_AT_ONCE):
        own = squares[part]
        distance, at = (lengths - 2 * own @ known.T).min(1)
        found.append(at)
        least.append(distance + own.square().sum(1))
    return sources[torch.cat(found).numpy()], torch.cat(least).clamp(min=0).numpy()


def _agree(moves: Samples, squares: Tensor, targets: Samples, distances: Samples, usable: Samples) -> None:
    """Let each target take over a neighbour's move with which more of its neighbours agree, where that fits as well.

    In place. Else neighbours that are alike all take over one and the same square, and its detail repeats like a comb.
    """
    height, width = usable.shape
    y, x = targets // width, targets % width
    allowed = distances * LOOSER + squares.shape[1] * LEVEL**2
    sides = [(y + a).clip(0, height - 1) * width + (x + b).clip(0, width - 1) for a, b in _SIDES]
    flat = moves.reshape(2, -1)
    for _ in range(ROUNDS):
        around = np.stack([flat[:, side] for side in sides])
        chosen = flat[:, targets]
        most = _votes(chosen, around)
        for move in around:
            down, across = y + move[0], x + move[1]
            inside = (down >= 0) & (down < height) & (across >= 0) & (across < width)
            there = down.clip(0, height - 1) * width + across.clip(0, width - 1)
            votes = _votes(move, around)
            asked = np.flatnonzero(inside & usable.reshape(-1)[there] & (votes > most))
            apart = (squares[targets[asked]] - squares[there[asked]]).square().sum(1).numpy()
            taken = asked[apart <= allowed[asked]]
            most[taken], chosen[:, taken] = votes[taken], move[:, taken]
        flat[:, targets] = chosen


def _votes(move: Samples, around: Samples) -> Samples:
    """How many of the four neighbours have this move: (2, n), (4, 2, n) -> (n,)."""
    votes: Samples = (around == move).all(1).sum(0)
    return votes


def _squares(low: Floats) -> Tensor:
    """(h * w, C * PATCH²): the square around each px."""
    reach = PATCH // 2
    return unfold(pad(torch.from_numpy(low)[None], (reach,) * 4, mode="replicate"), PATCH)[0].T
