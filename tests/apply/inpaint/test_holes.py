"""The holes of a mask, one by one."""

from __future__ import annotations

import numpy as np
import pytest
from support.inpainters import box

from img2img.apply.inpaint.holes import Holes


def test_far_holes_are_two_near_ones_one_and_each_pixel_has_one_owner() -> None:
    mask = box(100, 130, (3, 20, 5, 9), (22, 24, 5, 30), (70, 71, 120, 121), (90, 100, 0, 130))
    holes = Holes(mask, 8)
    assert holes.boxes.tolist() == [[3, 24, 5, 30], [70, 71, 120, 121], [90, 100, 0, 130]]
    whole = (0, 100, 0, 130)
    owned = [holes.own((number,), whole) for number in range(3)]
    assert np.array_equal(sum(owned), mask) and [int(own.sum()) for own in owned] == [68 + 50, 1, 1300]
    assert np.array_equal(holes.own((0, 2), whole), owned[0] + owned[2])
    assert np.array_equal(holes.own((1,), (65, 95, 100, 125)), owned[1][65:95, 100:125]), "within a box"


def test_no_hole_is_no_holes() -> None:
    assert Holes(box(9, 9), 4).boxes.shape == (0, 4)


@pytest.mark.parametrize(
    ("place", "width"),
    [
        ((40, 61, 10, 90), 22),  # 21 px between known ones: the middle one is 11 away from both
        ((0, 20, 0, 100), 40),  # at the border there is no other side
        ((50, 51, 50, 51), 2),
    ],
)
def test_the_width_is_twice_the_depth(place: tuple[int, int, int, int], width: int) -> None:
    assert Holes(box(100, 100, place), 8).width(0) == pytest.approx(width, rel=0.05)


def test_blocks_that_touch_at_a_corner_are_one_hole() -> None:
    hole = np.zeros((24, 24), np.uint8)
    hole[0:4, 0:4] = hole[4:8, 4:8] = hole[16:20, 4:8] = 1
    assert Holes(hole, 4).boxes.tolist() == [[0, 8, 0, 8], [16, 20, 4, 8]]
