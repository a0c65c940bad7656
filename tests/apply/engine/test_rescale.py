"""Pictures to an exact number of px: as torch and Pillow do it, in whatever bands."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
import torch
from torch.nn.functional import interpolate

from img2img.apply.engine.rescale import resized_bands, resized_rows
from img2img.apply.engine.tiles import assembled


def in_bands(picture: torch.Tensor, edges: list[int], wanted: tuple[int, int]) -> torch.Tensor:
    """Resized as bands that begin at these rows."""
    bands = ((a, picture[:, a:b].clone()) for a, b in pairwise([*edges, picture.shape[1]]))
    return assembled(resized_bands(bands, (picture.shape[2], picture.shape[1]), wanted), wanted[1])


@pytest.mark.parametrize("seed", range(12))
def test_a_reduction_in_bands_is_that_of_the_whole(seed: int) -> None:
    draw = random.Random(seed)
    height, width = draw.randint(8, 300), draw.randint(8, 90)
    wanted = draw.randint(width // 4, width), draw.randint(height // 4, height)
    picture = torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed))
    edges = [0, *sorted(draw.sample(range(1, height), draw.randint(0, 6)))]
    made = in_bands(picture, edges, wanted)
    truth = interpolate(picture[None], wanted[::-1], mode="bicubic", antialias=True)[0]
    assert made.shape == truth.shape and (made - truth).abs().max() < 1e-5


def test_a_constant_stays_the_constant() -> None:
    for value in (-1.0, 0.3, 1.0):
        made = in_bands(torch.full((3, 200, 130), value), [0, 70, 71], (51, 77))
        assert (made - value).abs().max() < 1e-6


def test_no_more_is_held_than_the_next_rows_need() -> None:
    sizes = [
        band.shape[1]
        for _, band in resized_bands(((y, torch.zeros(1, 8, 9)) for y in range(0, 800, 8)), (9, 800), (9, 500))
    ]
    assert sum(sizes) == 500 and max(sizes) <= 9, "rows come out as bands come in"


@pytest.mark.parametrize("scale", [1, 1.5, 2, 3.7, 4])
def test_rows_are_the_same_at_once_and_in_pieces(scale: float) -> None:
    torch.manual_seed(0)
    alpha = torch.rand(1, 23, 11).round()
    size = round(11 * scale), round(23 * scale)
    whole = resized_rows(alpha, 0, size[1], size)
    assert whole.shape == (1, size[1], size[0]) and whole.min() >= 0 and whole.max() <= 1
    edges = [0, 1, 7, round(7 * scale) + 1, round(9 * scale) + 1, size[1]]
    pieces = [resized_rows(alpha, a, b, size) for a, b in pairwise(sorted(set(edges)))]
    assert (torch.cat(pieces, dim=1) - whole).abs().max() < 1e-5


def test_transparency_that_keeps_its_size_stays_as_it_is() -> None:
    alpha = torch.rand(1, 23, 11)
    assert torch.equal(resized_rows(alpha, 3, 20, (11, 23)), alpha[:, 3:20])


def test_opaque_stays_opaque_and_clear_stays_clear() -> None:
    for value in (0.0, 1.0):
        rows = resized_rows(torch.full((1, 9, 9), value), 0, 33, (31, 33))
        assert (rows * 65535).round().unique().tolist() == [value * 65535]


@pytest.mark.parametrize("scale", [2, 2.5, 3, 4])
def test_a_slope_stays_a_slope_without_steps(scale: float) -> None:
    alpha = torch.linspace(0.1, 0.9, 17).expand(1, 9, 17)
    size = int(17 * scale), int(9 * scale)
    rows = resized_rows(alpha, 0, size[1], size)
    inside = rows[0, :, int(2 * scale) : -int(2 * scale)].diff(dim=1)
    share = inside / (0.05 * 17 / size[0])  # of what a straight line would rise by
    assert share.min() > 0.9 and share.max() < 1.1
