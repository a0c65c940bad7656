"""What a network is shown: near holes at once, far ones apart, large ones smaller; never more than the holes cost."""

from __future__ import annotations

import numpy as np
import pytest
from support.inpainters import box

from img2img.apply.inpaint.holes import Holes
from img2img.apply.inpaint.windows import Window, find_windows

SIDE = 64


def windows(mask: np.ndarray) -> list[Window]:
    return find_windows(Holes(mask, SIDE // 8), SIDE)


def test_several_holes_apart_are_several_windows_near_ones_one() -> None:
    mask = box(400, 500, (50, 60, 50, 60), (50, 60, 80, 90), (300, 310, 400, 405))
    first, second = windows(mask)
    assert first == Window((0, 1), (23, 87, 38, 102), 1) and second == Window((2,), (273, 337, 370, 434), 1)


@pytest.mark.parametrize("place", [(0, 5, 0, 5), (395, 400, 490, 500), (0, 1, 499, 500), (200, 201, 250, 251)])
def test_a_window_lies_within_the_photo_and_is_the_networks_square(place: tuple[int, int, int, int]) -> None:
    (window,) = windows(box(400, 500, place))
    top, bottom, left, right = window.box
    assert (bottom - top, right - left) == (SIDE, SIDE) and window.shrink == 1
    assert 0 <= top <= place[0] and place[1] <= bottom <= 400
    assert 0 <= left <= place[2] and place[3] <= right <= 500


@pytest.mark.parametrize(("size", "shrink"), [(40, 1), (41, 2), (80, 2), (81, 4), (160, 4), (300, 8)])
def test_a_large_hole_is_shown_smaller_so_that_it_fits(size: int, shrink: int) -> None:
    (window,) = windows(box(1000, 1000, (300, 300 + size, 350, 350 + size)))
    assert window.shrink == shrink
    assert [window.box[k + 1] - window.box[k] for k in (0, 2)] == [SIDE * shrink] * 2


def test_a_long_thin_hole_is_shown_at_full_resolution() -> None:
    (window,) = windows(box(300, 1000, (100, 110, 20, 900)))
    assert window == Window((0,), (73, 137, 4, 916), 1)


def test_a_wide_hole_that_a_speck_has_joined_stays_apart_from_a_long_thin_one() -> None:
    """Together they would be as long as the one and as wide as the other: too much for full resolution."""
    speck, block, line = (100, 105, 20, 25), (100, 120, 40, 60), (132, 138, 20, 220)
    assert [window.holes for window in windows(box(400, 500, speck, block, line))] == [(0, 1), (2,)]


def test_a_photo_within_the_networks_square_is_shown_whole() -> None:
    (window,) = windows(box(50, 64, (0, 50, 10, 60)))
    assert window == Window((0,), (0, 50, 0, 64), 1)


def test_the_mirror_image_has_the_mirrored_windows() -> None:
    mask = box(400, 500, (50, 60, 50, 60), (0, 300, 200, 400), (390, 400, 480, 500))
    mirrored = windows(np.ascontiguousarray(mask[:, ::-1]))
    boxes = {(top, bottom, 500 - right, 500 - left) for window in mirrored for top, bottom, left, right in [window.box]}
    assert boxes == {window.box for window in windows(mask)}


def test_many_specks_cost_no_more_than_the_photo_a_few_times() -> None:
    specks = np.zeros((640, 640), np.uint8)
    specks[::40, ::40] = 1
    found = windows(specks)
    assert sorted(number for window in found for number in window.holes) == list(range(256))
    assert len(found) * SIDE**2 <= 3 * specks.size
