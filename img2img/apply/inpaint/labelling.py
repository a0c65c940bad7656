"""Which of many offsets each pixel of a hole is copied by: few seams, and none where the copies differ.

The energy is that of shift maps (Pritch, Kav-Venaki and Peleg 2009; He and Sun 2012, equation 2): what a pixel's offset
costs by itself, and for neighbours with different offsets how far the two copies are apart at both places. It is made
small by min-sum belief propagation over each pixel's best few offsets, where they use graph cuts over all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from img2img.images.decode import Samples

from .offset_costs import Scene
from .offsets import Offsets

ROUNDS = 30
"""In which neighbours tell each other what they would pay: news goes so many px far."""

DAMPING = 0.5
"""Share of the last round's message that stays: without it neighbours may swing for ever."""

BLOCKED = 4.0
"""What a seam costs where one of the copies has no known pixel: that of black beside white."""


class _Edges(NamedTuple):
    """Pairs of neighbours, (e,) each, numbers of pixels, and what a seam between their labels costs, (L, L, e)."""

    first: Samples
    second: Samples
    seam: Samples


def choose_labels(costs: Samples, labels: Samples, offsets: Offsets, scene: Scene, seam_weight: float) -> Samples:
    """(n,): for each pixel of the scene's target, row by row, which of its own labels to take, as numbers of `offsets`.

    costs, labels: (L, n) float32 and integers, what each of a pixel's labels costs, and which offset it is.
    seam_weight: of the seams' squared differences.
    """
    edges = [_Edges(*pair, seam_weight * _seam(pair, labels, offsets, scene)) for pair in _pairs(scene)]
    told = [(np.zeros(labels[:, e.first].shape, np.float32),) * 2 for e in edges]
    beliefs = costs
    for _ in range(ROUNDS):
        told = [_exchanged(beliefs, e, old) for e, old in zip(edges, told, strict=True)]
        beliefs = costs.copy()
        for edge, (to_first, to_second) in zip(edges, told, strict=True):
            beliefs[:, edge.first] += to_first
            beliefs[:, edge.second] += to_second
    chosen: Samples = np.take_along_axis(labels, beliefs.argmin(0)[None], 0)[0]
    return chosen


def _pairs(scene: Scene) -> list[tuple[Samples, Samples]]:
    """Pixels and their neighbours to the right, and below, both in the target; every pixel is at most once in each."""
    hole = scene.target
    number = np.cumsum(hole.ravel(), dtype=np.int64).reshape(hole.shape) - 1
    pairs = []
    for one, other in (((slice(None), slice(-1)), (slice(None), slice(1, None))), ((slice(-1),), (slice(1, None),))):
        both = (hole[one] & hole[other]) > 0
        pairs.append((number[one][both], number[other][both]))
    return pairs


def _seam(pair: tuple[Samples, Samples], labels: Samples, offsets: Offsets, scene: Scene) -> Samples:
    """(L, L, e): squared difference of the copies by the first's and by the second's label, at both pixels."""
    y, x = np.nonzero(scene.target)
    first, second = pair
    total = np.zeros((len(labels), len(labels), len(first)), np.float32)
    for place in pair:
        one = _copies(labels[:, first], offsets, scene, y[place], x[place])
        other = _copies(labels[:, second], offsets, scene, y[place], x[place])
        for a, b in zip(one, other, strict=True):
            total += np.square(a[:, None] - b[None])
    return np.minimum(total, BLOCKED, out=total)


def _copies(labels: Samples, offsets: Offsets, scene: Scene, y: Samples, x: Samples) -> Samples:
    """(C, L, e): what each label copies to each place; huge where nothing may be copied."""
    height, width = scene.target.shape
    there_y, there_x = y + offsets[labels, 0], x + offsets[labels, 1]
    inside = (there_y >= 0) & (there_y < height) & (there_x >= 0) & (there_x < width)
    there_y, there_x = there_y.clip(0, height - 1), there_x.clip(0, width - 1)
    found = scene.picture[:, there_y, there_x]
    found[:, ~inside | (scene.usable[there_y, there_x] == 0)] = 1e9
    return found


def _exchanged(beliefs: Samples, edges: _Edges, old: tuple[Samples, Samples]) -> tuple[Samples, Samples]:
    """What both ends of each edge are told by the other one."""
    to_first, to_second = old
    from_first, from_second = beliefs[:, edges.first] - to_first, beliefs[:, edges.second] - to_second
    news = (edges.seam + from_second[None]).min(1), (edges.seam + from_first[:, None]).min(0)
    fresh = [DAMPING * was + (1 - DAMPING) * (new - new.min(0)) for was, new in zip(old, news, strict=True)]
    return fresh[0], fresh[1]
