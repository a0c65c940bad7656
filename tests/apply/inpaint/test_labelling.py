"""Labels that cost little and meet without seams."""

from __future__ import annotations

import numpy as np
from support.inpainters import box

from img2img.apply.inpaint.labelling import choose_labels
from img2img.apply.inpaint.offset_costs import Scene


def test_what_a_pixel_wants_gives_way_to_a_seam_that_costs_more() -> None:
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 20, 40)).astype(np.float32)
    target = box(20, 40, (8, 12, 15, 25))
    scene = Scene(picture, target, 1 - target, 1 - target)
    offsets = np.array([[0, 13], [0, -13]])
    count = int(target.sum())
    labels = np.repeat([[0], [1]], count, 1)
    costs = np.zeros((2, count), np.float32)
    costs[1] = 0.1
    costs[:, 17] = 0.2, 0.0  # one pixel would rather have the other copy
    assert choose_labels(costs, labels, offsets, scene, 0.0)[17] == 1
    assert (choose_labels(costs, labels, offsets, scene, 4.0) == 0).all()


def test_copies_that_agree_cost_no_seam() -> None:
    picture = np.tile(np.random.default_rng(0).uniform(-1, 1, (1, 20, 8)).astype(np.float32), (1, 1, 5))
    target = box(20, 40, (8, 12, 16, 24))
    scene = Scene(picture, target, 1 - target, 1 - target)
    count = int(target.sum())
    costs = np.random.default_rng(1).uniform(0, 1, (2, count)).astype(np.float32)
    found = choose_labels(costs, np.repeat([[0], [1]], count, 1), np.array([[0, 8], [0, -8]]), scene, 4.0)
    assert np.array_equal(found, costs.argmin(0))
