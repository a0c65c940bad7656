from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from img2img.data.critic_augment.adaptive import adaptive, colours, drawn, places

ALWAYS, NEVER = torch.ones(()), torch.zeros(())


def ramps(count: int, height: int, width: int) -> Tensor:
    """(N, 2, H, W): x and y of each pixel."""
    y, x = torch.meshgrid(torch.arange(float(height)), torch.arange(float(width)), indexing="ij")
    return torch.stack([x, y]).expand(count, -1, -1, -1)


def test_without_probability_nothing_changes() -> None:
    images, condition = torch.randn(4, 3, 9, 7), torch.randn(4, 5, 9, 7)
    changed = adaptive(images, [condition], NEVER)
    assert torch.equal(changed[0], images)
    assert torch.equal(changed[1], condition)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (12, 20)])
def test_image_and_condition_move_alike(height: int, width: int) -> None:
    torch.manual_seed(0)
    pixels = ramps(50, height, width)
    slanted = (2 * pixels[:, :1] - 3 * pixels[:, 1:] + 1).expand(-1, 2, -1, -1)  # two channels: no colour
    moved, read = adaptive(slanted, [pixels], ALWAYS)
    x, y = read.unbind(dim=1)
    assert (moved[:, 0] - (2 * x - 3 * y + 1)).abs().max() < 1e-3
    assert (x - pixels[:, 0]).abs().amax(dim=(1, 2)).min() > 0.5


def test_movements_are_similarities_about_the_middle() -> None:
    torch.manual_seed(0)
    middle = slice(31, 34)
    x, y = places(drawn(2000, 65, 65, ALWAYS), 65, 65).unflatten(2, (65, 65))[:, :, middle, middle].unbind(1)
    right = torch.stack([x[:, 1, 2] - x[:, 1, 1], y[:, 1, 2] - y[:, 1, 1]])
    down = torch.stack([x[:, 2, 1] - x[:, 1, 1], y[:, 2, 1] - y[:, 1, 1]])
    length = right.norm(dim=0)
    assert (length - down.norm(dim=0)).abs().max() < 1e-3
    assert (right * down).sum(dim=0).abs().max() < 1e-3
    assert abs(float(length.log().std()) - 0.2 * math.log(2)) < 0.01
    turn = right[0] * down[1] - right[1] * down[0]
    assert abs(float((turn < 0).float().mean()) - 0.5) < 0.05  # half are mirrored
    shift = torch.stack([x[:, 1, 1] - 32, y[:, 1, 1] - 32])
    assert (shift - shift.round()).abs().max() < 1e-3
    assert shift.abs().amax(dim=1).max() <= 8
    assert shift.abs().amax(dim=1).min() > 6


def test_colour_turns_about_grey_and_scales() -> None:
    torch.manual_seed(0)
    matrix, offset = colours(drawn(2000, 9, 9, ALWAYS), 3)
    grey = matrix.sum(dim=2)  # the image of (1, 1, 1)
    assert (grey - grey[:, :1]).abs().max() < 1e-5
    assert abs(float(grey[:, 0].abs().log().std()) - 0.5 * math.log(2)) < 0.02
    assert abs(float((grey[:, 0] < 0).float().mean()) - 0.5) < 0.05
    red = matrix[:, :, 0] - grey / 3  # the image of red's distance from grey
    assert red.sum(dim=1).abs().max() < 1e-4
    stretch = red.norm(dim=1) / (math.sqrt(2 / 3) * grey[:, 0].abs())
    assert abs(float(stretch.log().std()) - math.log(2)) < 0.04
    assert abs(float(offset.std()) - 0.2) < 0.01


def test_colour_of_grey_pictures_has_no_hue() -> None:
    torch.manual_seed(0)
    matrix, _ = colours(drawn(500, 9, 9, ALWAYS), 1)
    assert abs(float(matrix.abs().log().std()) - 0.5 * math.log(2)) < 0.04


def test_each_thing_happens_with_its_probability() -> None:
    torch.manual_seed(0)
    numbers = drawn(4000, 256, 256, torch.tensor(0.2))
    turned = numbers.rotation[1] != 0  # by any angle, or by one or three quarters
    scaled, mirrored, shifted = numbers.scale != 1, numbers.mirror < 0, numbers.shift != 0
    coloured = [numbers.hue[1] != 0, numbers.contrast != 1, numbers.saturation != 1, numbers.brightness != 0]
    for happened, share in [
        (turned, 1 - 0.8 * (1 - 0.2 * 0.5)), (scaled, 0.2), (mirrored, 0.1), (shifted[0], 0.2), (shifted[1], 0.2),
        (numbers.lightness < 0, 0.1), *((happened, 0.2) for happened in coloured),
    ]:  # fmt: skip
        assert abs(float(happened.float().mean()) - share) < 0.03
    assert torch.corrcoef(torch.stack([scaled, turned, *coloured]).float()).fill_diagonal_(0).abs().max() < 0.06


def test_quarter_turns_are_as_likely_and_move_whole_pixels() -> None:
    torch.manual_seed(0)
    numbers = drawn(4000, 9, 9, torch.tensor(0.5))
    quarter = (numbers.rotation.abs() == 1).any(0) & (numbers.rotation == 0).any(0)
    sines, cosines = numbers.rotation[1, quarter], numbers.rotation[0, quarter]
    assert torch.equal(sines.abs() + cosines.abs(), torch.ones_like(sines))
    for turned in (sines == 1, sines == -1, cosines == -1):
        assert abs(float(turned.sum()) / 4000 - 0.5 * 0.5 / 4) < 0.02


def test_rows_and_columns_are_shifted_by_their_own_draws() -> None:
    torch.manual_seed(0)
    x, y = places(drawn(2000, 17, 65, ALWAYS), 17, 65).unflatten(2, (17, 65))[:, :, 8, 32].unbind(1)
    across, down = x - 32, y - 8  # the middle, which only shifts move
    assert across.abs().max() == 8 and down.abs().max() == 2
    assert torch.corrcoef(torch.stack([across, down]))[0, 1].abs() < 0.1
