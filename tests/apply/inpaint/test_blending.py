"""Copies become one picture: Poisson's equation, solved."""

from __future__ import annotations

import numpy as np
import pytest
from support.inpainters import box

from img2img.apply.inpaint.blending import blend, blended
from img2img.apply.inpaint.offset_costs import Scene


@pytest.mark.parametrize("place", [(10, 50, 12, 60), (0, 30, 0, 25), (31, 32, 33, 34), (0, 70, 20, 60)])
def test_the_true_steps_give_the_true_picture_back(place: tuple[int, int, int, int]) -> None:
    truth = np.random.default_rng(0).uniform(-1, 1, (2, 70, 80)).astype(np.float32)
    down, across = np.zeros_like(truth), np.zeros_like(truth)
    down[:, :-1], across[:, :, :-1] = np.diff(truth, axis=1), np.diff(truth, axis=2)
    hole = box(70, 80, place)
    made = np.where(hole, np.float32(0.3), truth)
    blend(made, hole, down, across)
    assert np.array_equal(made[:, hole == 0], truth[:, hole == 0])
    assert np.abs(made - truth).max() < 0.02


def test_a_copy_that_is_brighter_meets_the_edge() -> None:
    y, x = np.mgrid[:60, :120].astype(np.float32)
    picture = (0.2 * np.sin(y / 3) * np.cos(2 * np.pi * x / 20) + np.where(x > 70, 0.4, -0.2))[None]
    target = box(60, 120, (20, 40, 20, 40))
    scene = Scene(picture, target, 1 - target, 1 - target)
    made = blended(scene, np.tile([[0, 60]], (400, 1)))
    assert np.abs(made - picture).max() < 0.02, "the copy is brighter by 0.6"
