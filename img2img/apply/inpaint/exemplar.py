"""Holes filled by copies of the known part of the photo, whose structure a coarse fill decides.

On squares of 512 px of 27 photographs kept out of the training, guided by the shipped network, with the holes of
tools/compare_inpainters.py (seed 0), `auto`: LPIPS (alex) in 54 compact holes of 3 % was .280 (the network alone .383,
Telea .491); of the whole picture with irregular masks of 34 % it was .147 (.195, .233). Drawings and lettering come out
worse than by Telea, and eyes and mouths that nothing like is left of stay as soft as the guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from img2img.apply.conversion import Watch
from img2img.data.masks.values import Hole
from img2img.images.decode import Samples

from .blending import blended
from .choice import explained, worth_copies
from .filling import NetworkFilling
from .holes import Box, Holes
from .low_resolution import as_stored, as_unit, block_maximum, enlarged, shrunk
from .offset_costs import Scene
from .seam import blend_seam
from .shift_map import ShiftMap, find_shift_map

GUIDE_SIDE = 128
"""Side of the squares in which a network guides, at most, px, unless --tile says another. The shipped one, trained on
256, is better so by itself in large holes, but as a guide with 128: after 5.8 hours of training auto had LPIPS .290 in
compact holes and .300 at 54 %, with 256 .307 and .305 (27 photographs)."""

NEAR = 32
"""Holes nearer than this are filled together, px."""

CELL = 112
"""A hole is filled at a resolution at which it is no wider than this, and in squares of this side, px: each takes about
a second of one core, and 100 MiB."""

MOST = 4 * CELL**2
"""Pixels of one hole, at the resolution at which it is filled."""

WIDEST = 2.5
"""Of holes that leave much of their box known, the squares' sides are up to so many times `CELL`."""

LARGE = 4
"""Holes that would be shown more than so many times smaller are filled at half that resolution, in a quarter of the
time."""

CONTEXT, LARGE_CONTEXT = 1.5, 0.75
"""Around a square its longer side times this may be copied from, but at least `LEAST_CONTEXT`; the second where the
photo is shown smaller: there it decides how long the detail takes."""

LEAST_CONTEXT = 64  # px of the resolution at which it is filled


@dataclass(frozen=True, eq=False)
class ExemplarFilling:
    """A shift map guided by a network's fill; choosing: the network's own fill where copies will not do."""

    guide: NetworkFilling
    choosing: bool

    def __str__(self) -> str:
        return f"{'auto' if self.choosing else 'exemplar'}, {self.guide}"

    @property
    def settings(self) -> Mapping[str, Any]:
        """For the manifest."""
        return {**self.guide.settings, "method": "auto" if self.choosing else "exemplar"}

    @property
    def weights(self) -> str:
        """The SHA-256 of the guide's weights file."""
        return self.guide.weights

    @property
    def note(self) -> str:
        """What a user should know of the choice."""
        return self.guide.note

    def fill(
        self,
        planes: Samples,
        hole: Hole,
        bits: Literal[8, 16],
        report: Callable[[str], None] | None = None,
        watch: Watch | None = None,
    ) -> None:
        """Fill the hole (H, W) of planes (C, H, W), uint8, uint16, or float32 in [-1, 1], in place.

        Copies are of known pixels alone. What they cannot fill keeps the guide's fill. Raises as `NetworkFilling.fill`.
        """
        holes = Holes(hole, NEAR)
        numbers = [n for n in range(len(holes.boxes)) if not self.choosing or worth_copies(holes, n)]
        coarsely = len(numbers) == len(holes.boxes)
        share = 0.5 if numbers else 1.0
        guide = replace(self.guide, detailed=not coarsely)
        guide.fill(planes, hole, bits, report, (lambda done: watch(share * done)) if watch else None)
        unknown, left = hole.copy(), np.zeros_like(hole)
        for done, number in enumerate(numbers, 1):
            for square in _squares(holes, number):
                if not self._copy(planes, hole, unknown, square):
                    _mark(left, square, 1)
            if watch:
                watch(share + (1 - share) * done / len(numbers))
        if coarsely and left.any():
            self.guide.fill(planes, left, bits, report)

    def _copy(self, planes: Samples, hole: Hole, unknown: Hole, square: _Square) -> bool:
        """Fill a square by copies, if there are any, and they explain what is around it."""
        rows, columns = slice(*square.seen[:2]), slice(*square.seen[2:])
        seen = planes[:, rows, columns]
        scene = _scene(seen, hole[rows, columns], unknown[rows, columns], square)
        found = find_shift_map(scene)
        if found is None or (self.choosing and not explained(found)):
            return False
        made = blended(scene, found.offsets)
        if square.shrink == 1:
            where = square.own > 0
            seen[:, where] = as_stored(made[:, where], planes.dtype)
        else:
            _put_enlarged(seen, square, scene.picture, made, _moves(scene, found))
            blend_seam(seen, square.own)
        _mark(unknown, square, 0)
        return True


@dataclass(frozen=True, eq=False)
class _Square:
    """Part of a hole that is filled at once.

    seen: of the photo, what may be copied. own: of it, (h, w), 1 = to be filled. shrink: px of the photo that become
    one.
    """

    seen: Box
    own: Hole
    shrink: int


def _squares(holes: Holes, number: int) -> Iterator[_Square]:
    """The parts of a hole, row by row."""
    top, bottom, left, right = box = tuple(holes.boxes[number].tolist())
    pixels, area = int(holes.own((number,), box).sum()), (bottom - top) * (right - left)
    wanted = max(holes.width(number) / CELL, (pixels / MOST) ** 0.5, 1)
    shrink = 2 ** int(np.ceil(np.log2(wanted if wanted <= LARGE else 2 * wanted)))
    side = CELL * shrink * min(WIDEST, (area / pixels) ** 0.5)
    for rows in _parts(top, bottom, side):
        for columns in _parts(left, right, side):
            tight = holes.tight((number,), (*rows, *columns))
            if tight is not None:
                seen = _around(tight, shrink, holes.mask.shape)
                inner = np.zeros((seen[1] - seen[0], seen[3] - seen[2]), np.uint8)
                inner[tight[0] - seen[0] : tight[1] - seen[0], tight[2] - seen[2] : tight[3] - seen[2]] = 1
                yield _Square(seen, inner & holes.own((number,), seen), shrink)


def _parts(first: int, last: int, side: float) -> list[tuple[int, int]]:
    """Parts of nearly equal length; up to half as long again as `side`."""
    count = max(1, round((last - first) / side))
    ends = [first + (last - first) * number // count for number in range(count + 1)]
    return list(pairwise(ends))


def _around(box: Box, shrink: int, shape: tuple[int, ...]) -> Box:
    """What may be copied into a box, within the photo."""
    longest = max(box[1] - box[0], box[3] - box[2])
    context = max(LEAST_CONTEXT * shrink, int((CONTEXT if shrink == 1 else LARGE_CONTEXT) * longest))
    return (
        max(0, box[0] - context),
        min(shape[0], box[1] + context),
        max(0, box[2] - context),
        min(shape[1], box[3] + context),
    )


def _mark(mask: Hole, square: _Square, value: int) -> None:
    part = mask[square.seen[0] : square.seen[1], square.seen[2] : square.seen[3]]
    part[square.own > 0] = value


def _scene(seen: Samples, hole: Hole, unknown: Hole, square: _Square) -> Scene:
    """What is seen at the resolution at which it is filled. A copied block lets those around it be copied along."""
    import cv2

    shrink = square.shrink
    if shrink == 1:
        return Scene(as_unit(seen), square.own, 1 - unknown, 1 - hole)
    low, _, _ = shrunk(seen, np.zeros_like(hole), shrink)
    target, unknown, hole = (block_maximum(mask, shrink) for mask in (square.own, unknown, hole))
    usable = cv2.erode(1 - hole, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_REPLICATE)
    return Scene(low, target, 1 - unknown, usable)


def _moves(scene: Scene, found: ShiftMap) -> Samples:
    """(2, h, w): how far down and across copies come from; places beside the target move as the nearest one in it."""
    import cv2

    _, nearest = cv2.distanceTransformWithLabels(
        1 - scene.target, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    near = cv2.dilate(scene.target, np.ones((3, 3), np.uint8)) > 0
    order = np.zeros(int(nearest.max()) + 1, np.int64)
    order[nearest[scene.target > 0]] = np.arange(len(found.offsets))
    moves = np.zeros((2, *near.shape), np.int64)
    moves[:, near] = found.offsets[order[nearest[near]]].T
    return moves


def _put_enlarged(seen: Samples, square: _Square, low: Samples, made: Samples, moves: Samples) -> None:
    """Fill a square by what was made at low resolution, enlarged, and the detail of where it was copied from.

    Between the middles of four blocks that move differently their details are mixed by distance.
    """
    y, x = square.own.nonzero()
    corners = _corners(y, x, square.shrink, moves)
    for plane, before, after in zip(seen, low, made, strict=True):
        smooth = enlarged(after, square.shrink, plane.shape)[y, x]
        detail = as_unit(plane) - enlarged(before, square.shrink, plane.shape)
        for share, down, across in corners:
            smooth += share * detail[down.clip(0, detail.shape[0] - 1), across.clip(0, detail.shape[1] - 1)]
        plane[y, x] = as_stored(smooth, plane.dtype)


def _corners(y: Samples, x: Samples, shrink: int, moves: Samples) -> list[tuple[Samples, Samples, Samples]]:
    """For the four blocks around each pixel: its share, and where in the photo its move leads from there."""
    height, width = moves.shape[1:]
    (top, down), (left, across) = (_split((place + np.float32(0.5)) / shrink - np.float32(0.5)) for place in (y, x))
    found = []
    for a, share_down in ((0, 1 - down), (1, down)):
        for b, share_across in ((0, 1 - across), (1, across)):
            by = shrink * moves[:, (top + a).clip(0, height - 1), (left + b).clip(0, width - 1)]
            found.append((share_down * share_across, y + by[0], x + by[1]))
    return found


def _split(places: Samples) -> tuple[Samples, Samples]:
    """Whole parts, rounded down, and the rest."""
    whole = np.floor(places)
    return whole.astype(np.int64), places - whole
