"""Low resolution from the known pixels alone."""

from __future__ import annotations

import numpy as np
import pytest
from support.inpainters import box

from img2img.apply.inpaint.low_resolution import as_stored, as_unit, shrunk


def test_means_of_the_known_pixels_against_loops() -> None:
    planes = np.random.default_rng(0).random((2, 13, 18), np.float32) * 2 - 1
    hole = box(13, 18, (2, 9, 3, 14))
    low, low_hole, whole = shrunk(planes, hole, 4)
    assert low.shape == (2, 4, 5)
    for y in range(4):
        for x in range(5):
            part = np.s_[4 * y : 4 * y + 4, 4 * x : 4 * x + 4]
            known = hole[part] == 0
            assert low_hole[y, x] == (known.mean() < 0.5) and whole[y, x] == known.all()
            if known.any():
                assert low[:, y, x] == pytest.approx(planes[(slice(None), *part)][:, known].mean(1), abs=1e-6)


def test_what_the_hole_holds_is_never_read() -> None:
    hole = box(16, 16, (3, 11, 2, 9))
    planes = np.random.default_rng(0).integers(0, 256, (3, 16, 16), np.uint8)
    other = np.where(hole, 255 - planes, planes)
    assert np.array_equal(shrunk(planes, hole, 4)[0], shrunk(other, hole, 4)[0])


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_integers_come_back(kind: type) -> None:
    values = np.arange(0, np.iinfo(kind).max + 1, 5).astype(kind)
    assert np.array_equal(as_stored(as_unit(values), np.dtype(kind)), values)
    assert as_stored(np.array([-2.0, 3.0]), np.dtype(kind)).tolist() == [0, np.iinfo(kind).max]
