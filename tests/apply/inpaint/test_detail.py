"""Detail of a hole that was filled at low resolution."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from support.inpainters import box

from img2img.apply.inpaint import detail
from img2img.apply.inpaint.detail import Detail
from img2img.apply.inpaint.low_resolution import shrunk

HOLE = box(96, 96, (40, 60, 36, 64))


def made(photo: np.ndarray, low: np.ndarray, known: np.ndarray) -> np.ndarray:
    rows, columns = HOLE.nonzero()
    return Detail(low, known, 4).at(rows, columns, photo)


def test_a_texture_that_repeats_comes_back_exactly() -> None:
    """Its low resolution repeats as well, and each place of the hole has its like among the known ones."""
    tile = np.random.default_rng(0).random((3, 16, 16), np.float32)
    photo = np.tile(tile, (1, 6, 6))
    low, _, _ = shrunk(photo, np.zeros_like(HOLE), 4)
    _, _, known = shrunk(photo, HOLE, 4)
    blanked = np.where(HOLE, 0, photo)
    assert np.abs(made(blanked, low, known) - photo[:, HOLE > 0]).max() < 1e-5
    smooth = Detail(low, np.zeros_like(known), 4).at(*HOLE.nonzero(), blanked)
    assert np.abs(smooth - photo[:, HOLE > 0]).max() > 0.3, "without known places it stays smooth"


def test_what_is_smooth_stays_so() -> None:
    slope = np.tile(np.linspace(-1, 1, 96, dtype=np.float32), (1, 96, 1))
    low, _, _ = shrunk(slope, np.zeros_like(HOLE), 4)
    _, _, known = shrunk(slope, HOLE, 4)
    assert np.abs(made(slope, low, known) - slope[:, HOLE > 0]).max() < 0.02


def test_neighbours_agree_where_their_surroundings_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = np.random.default_rng(0).random((3, 96, 96), np.float32)
    low, _, _ = shrunk(photo, np.zeros_like(HOLE), 4)
    _, _, known = shrunk(photo, HOLE, 4)
    blurred = np.stack([cv2.blur(plane, (3, 3)) for plane in low])

    def agreeing() -> float:
        moves = Detail(blurred, known, 4)._moves[:, 10:15, 9:16]  # of the hole
        return float((moves[:, :, 1:] == moves[:, :, :-1]).all(0).mean())

    together = agreeing()
    monkeypatch.setattr(detail, "AGREE", 1)
    monkeypatch.setattr(detail, "COMMON", 1000)
    assert together > 2 * agreeing()


def test_a_move_never_leads_to_unknown_places() -> None:
    photo = np.random.default_rng(0).random((3, 96, 96), np.float32)
    low, _, _ = shrunk(photo, np.zeros_like(HOLE), 4)
    _, _, known = shrunk(photo, HOLE, 4)
    y, x = cv2.dilate(1 - known, np.ones((3, 3), np.uint8)).nonzero()
    moves = Detail(low, known, 4)._moves[:, y, x]
    usable = cv2.erode(known, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    assert usable[y + moves[0], x + moves[1]].all() and len(y) > 30
