"""Where a fill meets the known pixels: they stay, it comes to them, and what lies deeper stays too."""

from __future__ import annotations

import numpy as np
import pytest
from support.inpainters import box

from img2img.apply.inpaint import seam
from img2img.apply.inpaint.seam import blend_seam

HOLE = box(60, 70, (15, 50, 20, 70))


@pytest.mark.parametrize(("kind", "unit"), [("uint8", 1), ("uint16", 257), ("float32", 1 / 255)])
def test_a_step_vanishes_at_the_edge_and_the_depth_stays(kind: str, unit: float) -> None:
    planes = np.where(HOLE, 140 * unit, 100 * unit).astype(kind)[None].repeat(3, 0)
    given = planes.copy()
    blend_seam(planes, HOLE, 8)
    assert np.array_equal(planes[:, HOLE == 0], given[:, HOLE == 0]), "known"
    inside = planes[0, 15:, 45] / unit  # downwards from the upper edge
    assert inside[0] == pytest.approx(100, abs=0.51) and np.all(np.diff(inside[:9]) > 0)
    assert np.allclose(inside[8:27], 140, atol=1e-4), "beyond the width, and up to the lower edge's"
    assert np.array_equal(planes[0], planes[2])


def test_texture_stays_and_a_fill_that_fits_changes_nothing() -> None:
    slope = np.tile(np.arange(70, dtype=np.float32) / 100, (60, 1))[None]
    flat = np.full((1, 60, 70), 0.5, np.float32)
    texture = flat + np.where(np.indices((60, 70)).sum(0) % 2, 0.1, -0.1)[None].astype(np.float32) * HOLE
    for planes, most in ((flat, 1e-6), (slope, 0.0101), (texture, 0.06)):
        made = planes.copy()
        blend_seam(made, HOLE)
        assert np.abs(made - planes).max() <= most


def test_the_bands_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    given = np.random.default_rng(0).random((2, 60, 70), np.float32)
    whole, banded = given.copy(), given.copy()
    blend_seam(whole, HOLE)
    monkeypatch.setattr(seam, "_BAND", 7)
    blend_seam(banded, HOLE)
    assert np.abs(whole - banded).max() < 1e-5 and np.abs(whole - given).max() > 0.1


def test_the_mirror_image_becomes_the_mirror_image() -> None:
    given = np.random.default_rng(0).random((1, 60, 70), np.float32)
    plain, mirrored = given.copy(), np.ascontiguousarray(given[:, :, ::-1])
    blend_seam(plain, HOLE)
    blend_seam(mirrored, np.ascontiguousarray(HOLE[:, ::-1]))
    assert np.abs(plain - mirrored[:, :, ::-1]).max() < 1e-5


def test_the_shift_falls_as_a_cosine_from_one_to_nought() -> None:
    """Half of it at half of the width, and as flat at either end."""
    right = box(80, 80, (0, 80, 30, 80))
    planes = np.where(right, 0.0, 1.0).astype(np.float32)[None]
    blend_seam(planes, right, 8)
    expected = (1 + np.cos(np.arange(9) / 8 * np.pi)) / 2
    assert np.abs(planes[0, 40, 30:39] - expected).max() < 1e-4
