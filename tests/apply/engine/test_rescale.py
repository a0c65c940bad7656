"""Transparency row by row."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from img2img.apply.engine.rescale import enlarged_rows


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_rows_are_the_same_at_once_and_in_pieces(scale: int) -> None:
    torch.manual_seed(0)
    alpha = torch.rand(1, 23, 11).round()
    whole = enlarged_rows(alpha, 0, 23 * scale, scale)
    assert whole.shape == (1, 23 * scale, 11 * scale) and whole.min() >= 0 and whole.max() <= 1
    edges = [0, 1, 7, 7 * scale + 1, 9 * scale, 23 * scale]
    pieces = [enlarged_rows(alpha, a, b, scale) for a, b in pairwise(edges)]
    assert (torch.cat(pieces, dim=1) - whole).abs().max() < 1e-5


def test_opaque_stays_opaque_and_clear_stays_clear() -> None:
    for value in (0.0, 1.0):
        rows = enlarged_rows(torch.full((1, 9, 9), value), 0, 36, 4)
        assert (rows * 255).round().unique().tolist() == [value * 255]


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_slope_stays_a_slope_without_steps(scale: int) -> None:
    alpha = torch.linspace(0.1, 0.9, 17).expand(1, 9, 17)
    rows = enlarged_rows(alpha, 0, 9 * scale, scale)
    inside = rows[0, :, 2 * scale : -2 * scale].diff(dim=1)
    share = inside / (0.05 / scale)  # of what a straight line would rise by; bicubic weights of -0.75 waver
    assert share.min() > 0.5 and share.max() < 1.5
