from __future__ import annotations

import math

import torch

from img2img.data.masks import strokes as module
from img2img.data.masks.areas import shares
from img2img.data.masks.canvas import Canvas
from img2img.data.masks.strokes import _squared_distance, strokes


def drawn(canvas: Canvas, seed: int = 0, most: int = 3, thinnest: float = 12 / 256, thickest: float = 40 / 256):
    torch.manual_seed(seed)
    return strokes(canvas, most, thinnest, thickest)


def test_the_distance_from_a_segment() -> None:
    """From (0, 0) to (3, 4): beside it along the normal, beyond either end from that end."""
    canvas = Canvas(1, 12, 12)
    rows, columns = canvas.rows() - 5, canvas.columns() - 5
    found = _squared_distance(rows, columns, torch.full((1, 1, 1), 3.0), torch.full((1, 1, 1), 4.0))[0]
    for row in range(12):
        for column in range(12):
            y, x = row - 4.5, column - 4.5
            along = min(max((3 * y + 4 * x) / 25, 0), 1)
            assert abs(found[row, column] - (y - 3 * along) ** 2 - (x - 4 * along) ** 2) < 1e-4


def test_widths_are_shares_of_the_side() -> None:
    """At half of the width, a field is smaller by exactly the quarter that the edge moves on both sides."""
    canvas = Canvas(8, 64, 64)
    thin, thick = (drawn(canvas, most=1, thinnest=width, thickest=width) for width in (0.1, 0.2))
    assert (thin - thick - 0.05 * 64).abs().max() < 1e-4


def test_a_hole_has_up_to_so_many_strokes() -> None:
    canvas = Canvas(48, 64, 64)
    one, three = (shares(drawn(canvas, most=most, thinnest=0.05, thickest=0.05) <= 0) for most in (1, 3))
    assert one.mean() < 0.75 * three.mean()
    # A stroke of v vertices is at most 2 v / 8 diagonals long.
    assert one.max() < 0.05 * (2 * 11 / 8 * math.sqrt(2) + 1)


def test_each_has_its_own_strokes_by_the_seed() -> None:
    canvas = Canvas(16, 48, 32)
    first, again, other = drawn(canvas, 1), drawn(canvas, 1), drawn(canvas, 2)
    assert first.shape == (16, 48, 32)
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert len({tuple(hole.flatten().tolist()) for hole in first <= 0}) == 16


def test_places_between_which_is_interpolated_draw_nearly_the_same(monkeypatch) -> None:
    canvas = Canvas(4, 256, 200)
    coarse = drawn(canvas)
    monkeypatch.setattr(module, "PLACES", 256)
    fine = drawn(canvas)
    near = fine.abs() < 1
    assert (coarse - fine)[near].abs().mean() < 0.2 and (coarse - fine)[near].abs().max() < 3
    assert ((coarse <= 0) != (fine <= 0)).float().mean() < 0.03 * (fine <= 0).float().mean()


def test_a_picture_of_one_row_has_strokes_too() -> None:
    assert torch.isfinite(drawn(Canvas(2, 1, 9))).all()


def test_each_stroke_has_a_width_of_its_own_from_the_thinnest_to_the_thickest() -> None:
    """The same lines with one width differ by half of what each lacks, everywhere."""
    canvas = Canvas(200, 64, 64)
    missing = drawn(canvas, most=1, thinnest=0.05, thickest=0.25) - drawn(canvas, most=1, thinnest=0.25, thickest=0.25)
    missing = missing.flatten(1)
    assert (missing - missing[:, :1]).abs().max() < 1e-4
    most = 64 * (0.25 - 0.05) / 2
    assert 0 <= missing.min() < 0.1 * most and 0.9 * most < missing.max() <= most
    assert abs(missing.mean() / most - 0.5) < 0.1
