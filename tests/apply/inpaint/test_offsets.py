"""The offsets of a picture that repeats are those at which it does."""

from __future__ import annotations

import numpy as np
from support.inpainters import box

from img2img.apply.inpaint.offsets import find_offsets


def repeating(down: int, across: int) -> np.ndarray:
    tile = np.random.default_rng(0).uniform(-1, 1, (3, down, across)).astype(np.float32)
    return np.tile(tile, (1, 120 // down + 1, 120 // across + 1))[:, :120, :120]


def test_a_texture_s_period_is_among_few_offsets_and_all_are_multiples_of_it() -> None:
    target = box(120, 120, (50, 70, 50, 70))
    found = find_offsets(repeating(17, 23), target, 1 - target, 8, 8)
    assert 0 < len(found) <= 16 and (found % (17, 23) == 0).all()
    assert np.array_equal(found, np.unique(found, axis=0)) and not (found == 0).all(1).any()


def test_nothing_usable_is_no_offset() -> None:
    target = 1 - box(40, 40, (0, 5, 0, 5))
    assert find_offsets(np.zeros((3, 40, 40), np.float32), target, 1 - target, 8, 8).shape == (0, 2)
