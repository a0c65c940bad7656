"""What offsets cost, against sums written out."""

from __future__ import annotations

import numpy as np
from support.inpainters import box

from img2img.apply.inpaint.offset_costs import NOWHERE, PATCH, Scene, edge_costs, known_variance, patch_costs


def scene() -> Scene:
    picture = np.random.default_rng(0).uniform(-1, 1, (3, 60, 70)).astype(np.float32)
    target = box(60, 70, (20, 30, 25, 40))
    return Scene(picture, target, 1 - target, 1 - target)


def test_a_patch_costs_its_weighted_mean_difference() -> None:
    seen = scene()
    weight = np.where(seen.known, 1, 0.25).astype(np.float32)
    source = seen.picture / 2
    costs = patch_costs(seen, seen.picture, weight, source, np.array([[22, 9], [200, 0], [0, 1]]))
    y, x, reach = 20, 26, PATCH // 2
    total = share = 0.0
    for down in range(y - reach, y + reach + 1):
        for across in range(x - reach, x + reach + 1):
            to = down + 22, across + 9
            if seen.usable[to]:
                copied = (seen.picture if seen.known[down, across] else source)[:, *to]
                total += weight[down, across] * np.square(seen.picture[:, down, across] - copied).sum()
                share += weight[down, across]
    assert np.isclose(costs[0, 1], total / share, rtol=1e-4)
    assert (costs[1] == NOWHERE).all(), "outside of the picture"
    assert (costs[2].reshape(10, 15)[:, :-1] == NOWHERE).all() and (costs[2].reshape(10, 15)[:, -1] < NOWHERE).all()


def test_the_edge_costs_the_known_neighbours_differences() -> None:
    seen = scene()
    costs = edge_costs(seen, np.array([[-15, 3]]))[0].reshape(10, 15)
    assert (costs[1:-1, 1:-1] == 0).all()
    expected = np.square(seen.picture[:, 19, 30] - seen.picture[:, 4, 33]).sum()
    assert np.isclose(costs[0, 5], expected, rtol=1e-4)


def test_the_variance_of_what_is_known_around_a_pixel() -> None:
    seen = scene()
    reach = PATCH // 2
    y, x = slice(20 - reach, 20 + reach + 1), slice(25 - reach, 25 + reach + 1)
    chosen = seen.picture[:, y, x][:, seen.known[y, x] > 0]
    assert np.isclose(known_variance(seen)[0], chosen.var(1).sum(), rtol=1e-4)
