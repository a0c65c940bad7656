from __future__ import annotations

import pytest
import torch
from torch import Tensor

from img2img.data.damage.prints import MOST_DUST, dusty, faded, hairy


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def all_of(pictures: Tensor, amount: float) -> Tensor:
    return torch.full((len(pictures), 1, 1, 1), amount)


@pytest.mark.parametrize("damage", [dusty, hairy])
@pytest.mark.parametrize("channels", [1, 3])
def test_little_of_a_picture_is_covered(damage, channels: int) -> None:
    flat = torch.full((40, channels, 48, 48), 0.5)
    assert torch.equal(damage(flat, all_of(flat, 0.0)), flat)
    found = damage(flat, all_of(flat, 1.0))
    assert found.min() >= 0 and found.max() <= 1
    changed = ((found - flat).abs() > 0.1).any(1).float().mean((1, 2))
    assert 0.001 < changed.mean() < 0.15
    signs = (found - flat).flatten(1).sum(1).sign()
    assert 5 < (signs > 0).sum() < 35  # white ones and black ones
    assert torch.equal(found[:, 0], found[:, -1])


def test_as_many_specks_as_said() -> None:
    flat = torch.full((60, 1, 96, 96), 0.5)
    full, half = ((dusty(flat, all_of(flat, amount)) - flat).abs().sum() for amount in (1.0, 0.5))
    assert 1.6 < full / half < 2.5
    assert MOST_DUST * 96 * 96 > 10


def test_fading_is_a_line_for_each_channel() -> None:
    pictures = torch.linspace(-1, 1, 11).view(1, 1, 1, 11).expand(200, 3, 2, 11)
    found = faded(pictures, share=0.5, most=0.3)
    same = (found == pictures).flatten(1).all(1)
    assert 70 < same.sum() < 130
    steps = found.diff(dim=3)
    assert (steps - steps[..., :1]).abs().max() < 1e-6 and steps.min() >= 0.2 * (1 - 2 * 0.3) - 1e-6
    assert found.min() == -1 and found[~same].min() > -1 and found[~same].max() < 1
    assert found[..., 0].max() <= -1 + 2 * 0.3 and found[..., -1].min() >= 1 - 2 * 0.3
    assert (found[~same][:, 0] - found[~same][:, 1]).abs().amax((1, 2)).min() > 0  # a cast
    assert torch.equal(faded(pictures, 1.0, 0.0), pictures)
