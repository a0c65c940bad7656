"""Offsets for each pixel of a hole: copies that continue what is known, and look like a coarse fill from afar.

A shift map (Pritch, Kav-Venaki and Peleg 2009) over the photo's own frequent offsets (He and Sun 2012), whose structure
is a network's: where nothing is known, copies are compared with the network's fill, as blurred as that is (a coarse
fill for the structure, patches for the detail, as arXiv:2503.14757 pairs them). Further rounds compare them with what
the last one made, which ends what is half one thing, half another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from img2img.images.decode import Samples

from .labelling import choose_labels
from .offset_costs import NOWHERE, Scene, edge_costs, known_variance, patch_costs
from .offsets import Offsets, find_offsets

COMMON, WANTED = 64, 96
"""Offsets that are tried: of known patches to each other, and of the fill's and the edge's to known ones."""

NOISE = 0.003
"""Added to the variance: of what nobody would miss, four levels of 255."""

AGAIN = 2
"""Rounds after the first one."""

LABELS = 8
"""Of them, the best for each pixel by itself, between which the seams decide."""

GUIDE, FILLED = 0.05, 0.2
"""What a difference to the coarse fill counts, and one to the first round's result, where one to a known pixel is 1."""

EDGE, SEAM = 1.0, 4.0
"""What squared differences across the hole's edge, and across seams in it, count beside a patch's mean."""

BLUR = 2.5
"""Of the known part where it is compared with the coarse fill: standard deviation, px."""

SMOOTH = 1.0
"""Of the coarse fill, whose finest structure is no photo's: standard deviation, px."""


@dataclass(frozen=True, eq=False)
class ShiftMap:
    """offsets: (n, 2), of each pixel of a scene's target row by row.

    unexplained: the share of the variance of the known pixels around the target's edge that the copies there leave: 0
    where they continue exactly, about 1 where the mean colour would do as well.
    """

    offsets: Offsets
    unexplained: float


def find_shift_map(scene: Scene) -> ShiftMap | None:
    """None where nothing may be copied to some of the target's pixels."""
    import cv2

    offsets = find_offsets(scene.picture, scene.target, scene.usable, COMMON, WANTED)
    if not len(offsets):
        return None
    edge = EDGE * edge_costs(scene, offsets)
    smooth = np.stack([cv2.GaussianBlur(plane, (0, 0), SMOOTH) for plane in scene.picture])
    wanted = np.where(scene.known, scene.picture, smooth)
    costs = patch_costs(scene, wanted, _weight(scene, GUIDE), _blurred(scene), offsets)
    if costs.min(0).max() >= NOWHERE:
        return None
    chosen = _chosen(costs + edge, offsets, scene)
    wanted = scene.picture.copy()
    for _ in range(AGAIN):
        wanted[:, scene.target > 0] = scene.at(offsets[chosen])
        costs = patch_costs(scene, wanted, _weight(scene, FILLED), scene.picture, offsets)
        chosen = _chosen(costs + edge, offsets, scene)
    return ShiftMap(offsets[chosen], _unexplained(scene, offsets, chosen))


def _weight(scene: Scene, unknown: float) -> Samples:
    return np.where(scene.known, np.float32(1), np.float32(unknown))


def _blurred(scene: Scene) -> Samples:
    """The mean of the usable pixels near each, (C, h, w)."""
    import cv2

    usable = scene.usable.astype(np.float32)
    share = np.maximum(cv2.GaussianBlur(usable, (0, 0), BLUR), 1e-6)
    return np.stack([cv2.GaussianBlur(plane * usable, (0, 0), BLUR) / share for plane in scene.picture])


def _chosen(costs: Samples, offsets: Offsets, scene: Scene) -> Samples:
    count = min(LABELS, len(costs))
    labels = np.argpartition(costs, count - 1, axis=0)[:count]
    return choose_labels(np.take_along_axis(costs, labels, 0), labels, offsets, scene, SEAM)


def _unexplained(scene: Scene, offsets: Offsets, chosen: Samples) -> float:
    costs = patch_costs(scene, scene.picture, _weight(scene, 0), scene.picture, offsets)
    variance = known_variance(scene)
    near = variance > 0
    left = np.take_along_axis(costs, chosen[None], 0)[0][near]
    return float(left.sum() / (variance[near] + NOISE).sum()) if near.any() else 0.0
