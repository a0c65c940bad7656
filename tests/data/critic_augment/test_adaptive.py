from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from img2img.data.critic_augment.adaptive import Chance, adaptive, bilinear, folded, random_colour, random_places

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


def test_places_are_folded_at_the_outermost_pixels() -> None:
    places = torch.tensor([-5.0, -1.5, 0.0, 2.25, 4.0, 5.0, 8.0, 13.0])
    assert torch.equal(folded(places, 5), torch.tensor([3.0, 1.5, 0.0, 2.25, 4.0, 3.0, 0.0, 3.0]))


def test_bilinear_agrees_with_grid_sample() -> None:
    torch.manual_seed(0)
    pictures = torch.randn(2, 3, 7, 9)
    columns, rows = torch.rand(2, 5, 6) * 8, torch.rand(2, 5, 6) * 6
    grid = torch.stack([columns / 4 - 1, rows / 3 - 1], dim=3)
    expected = grid_sample(pictures, grid, align_corners=True)
    assert (bilinear(pictures, columns, rows) - expected).abs().max() < 1e-5


def test_bilinear_is_exact_on_whole_places_to_the_last_pixel() -> None:
    pictures = torch.randn(1, 2, 4, 5)
    x, y = ramps(1, 4, 5).unbind(dim=1)
    assert torch.equal(bilinear(pictures, x, y), pictures)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (12, 20)])
def test_image_and_condition_move_alike(height: int, width: int) -> None:
    torch.manual_seed(0)
    places = ramps(50, height, width)
    slanted = (2 * places[:, :1] - 3 * places[:, 1:] + 1).expand(-1, 2, -1, -1)  # two channels: no colour
    moved, read = adaptive(slanted, [places], ALWAYS)
    x, y = read.unbind(dim=1)
    assert (moved[:, 0] - (2 * x - 3 * y + 1)).abs().max() < 1e-3
    assert (x - places[:, 0]).abs().amax(dim=(1, 2)).min() > 0.5


def test_movements_are_similarities_about_the_middle() -> None:
    torch.manual_seed(0)
    images = torch.zeros(2000, 1, 65, 65)
    columns, rows, moved = random_places(images, ALWAYS)
    assert moved.all()
    middle = slice(31, 34)  # far enough from the borders to be read without folding
    x, y = columns[:, middle, middle], rows[:, middle, middle]
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
    matrix, offset, changed = random_colour(torch.zeros(2000, 3, 1, 1), ALWAYS)
    assert changed.all()
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
    matrix, _, _ = random_colour(torch.zeros(500, 1, 1, 1), ALWAYS)
    assert abs(float(matrix.abs().log().std()) - 0.5 * math.log(2)) < 0.04


def test_each_thing_happens_with_its_probability() -> None:
    torch.manual_seed(0)
    images = torch.zeros(4000, 1, 4, 4)
    assert abs(float(random_places(images, torch.tensor(0.2))[2].float().mean()) - (1 - 0.8**6)) < 0.03
    chance = Chance(images, torch.tensor(0.3))
    assert abs(float((chance.uniform(1.0) != 0).float().mean()) - 0.3) < 0.03
    assert abs(float(chance.happened.float().mean()) - 0.3) < 0.03


def test_rows_and_columns_are_shifted_by_their_own_draws() -> None:
    torch.manual_seed(0)
    columns, rows, _ = random_places(torch.zeros(2000, 1, 17, 65), ALWAYS)
    across, down = columns[:, 8, 32] - 32, rows[:, 8, 32] - 8  # the middle, which only shifts move
    assert across.abs().max() == 8 and down.abs().max() == 2
    assert torch.corrcoef(torch.stack([across, down]))[0, 1].abs() < 0.1
