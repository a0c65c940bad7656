"""The smooth fill: known pixels stay, holes of any shape get what is around them, pictures of one colour keep it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from img2img.networks.layers.smooth_fill import smooth_fill


def filled(picture: Tensor, mask: Tensor) -> Tensor:
    return smooth_fill(picture * (1 - mask), mask)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (8, 8), (13, 21)])
def test_known_pixels_stay_and_the_hole_keeps_to_their_range(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    picture = torch.rand(3, 2, *size) + 3
    mask = (torch.rand(3, 1, *size) < 0.7).float()
    mask[:, :, 0, 0] = 0
    result = filled(picture, mask)
    assert torch.equal(torch.where(mask > 0, 0, result), picture * (1 - mask))
    for made, given, hole in zip(result, picture, mask, strict=True):
        for channel, known in zip(made, given, strict=True):
            known = known[hole[0] == 0]
            assert known.min() - 1e-5 <= channel.min() and channel.max() <= known.max() + 1e-5


@pytest.mark.parametrize("size", [(8, 8), (7, 30), (200, 3)])
def test_one_known_pixel_colours_all(size: tuple[int, int]) -> None:
    mask = torch.ones(1, 1, *size)
    mask[0, 0, -1, size[1] // 2] = 0
    picture = torch.full((1, 3, *size), 0.75)
    torch.testing.assert_close(filled(picture, mask), picture, rtol=0, atol=1e-6)


def test_all_hole_is_grey_and_no_hole_is_the_picture() -> None:
    picture = torch.rand(1, 3, 10, 12)
    assert not filled(picture, torch.ones(1, 1, 10, 12)).any()
    assert torch.equal(filled(picture, torch.zeros(1, 1, 10, 12)), picture)


def test_a_slope_goes_on_through_the_hole() -> None:
    """Better than half as far from the truth as the mean of the known pixels, and no step of more than a sixth."""
    slope = torch.linspace(-1, 1, 64).expand(1, 1, 64, 64).clone()
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., 20:44, 16:40] = 1
    hole = mask > 0
    known_mean = slope[~hole].mean()
    result = filled(slope, mask)
    assert (result - slope)[hole].abs().mean() < 0.5 * (known_mean - slope)[hole].abs().mean()
    assert result.diff(dim=3).abs().max() < 1 / 6


def test_one_level_by_hand() -> None:
    """1 2 | 5 -   the right cell knows 5 and 7, so that its mean is 6, the left one 2.5; bilinear between their
    3 4 | 7 -   middles, which are 2 px apart, the last column is the right cell's own."""
    picture = torch.tensor([[[[1.0, 2.0, 5.0, 9.0], [3.0, 4.0, 7.0, 9.0]]]])
    mask = torch.tensor([[[[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0]]]])
    assert filled(picture, mask)[0, 0, :, 3].tolist() == [6.0, 6.0]
    mask = torch.tensor([[[[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0]]]])
    assert filled(picture, mask)[0, 0, :, 2].tolist() == pytest.approx([0.75 * 9 + 0.25 * 2.5] * 2)
