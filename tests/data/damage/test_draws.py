from __future__ import annotations

import pytest
import torch

from img2img.data.damage.draws import amounts, draw, happens, strengths, uniform

MANY = torch.zeros(6000, 1, 1, 1)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def test_most_pictures_are_mild() -> None:
    found = strengths(MANY, middle=0.3, harsh=0.1)
    counts = torch.histc(found, bins=3, min=0, max=1) / len(MANY)
    assert (counts - torch.tensor([0.6, 0.3, 0.1])).abs().max() < 0.03
    assert found.min() >= 0 and found.max() <= 1
    assert strengths(MANY, 0.0, 0.0).max() <= 1 / 3
    assert strengths(MANY, 0.0, 1.0).min() >= 2 / 3


def test_amounts_keep_below_the_strength_and_near_to_it() -> None:
    strength = torch.cat([torch.full_like(MANY, 0.5), torch.zeros_like(MANY)])
    found = amounts(strength)
    assert (found <= strength).all()
    assert abs(found[: len(MANY)].median() - 0.5 * 0.5**0.5) < 0.01


def test_what_happens_happens_to_that_share() -> None:
    assert abs(happens(MANY, 0.3).float().mean() - 0.3) < 0.03
    assert not happens(MANY, 0.0).any()
    assert happens(MANY, 1.0).all()


def test_numbers_between_bounds() -> None:
    found = uniform(MANY, -2, 4)
    assert found.shape == (6000, 1, 1, 1)
    assert found.min() >= -2 and found.max() <= 4 and abs(found.mean() - 1) < 0.1
    together = [draw(-2, 4) for _ in range(500)]
    assert min(together) >= -2 and max(together) <= 4 and max(together) - min(together) > 5
