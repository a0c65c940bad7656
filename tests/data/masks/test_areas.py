from __future__ import annotations

import pytest
import torch

from img2img.data.masks.areas import holes_of, shares


def ramp(first: int) -> torch.Tensor:
    """A field of the hundred whole numbers from `first` on, in random order."""
    generator = torch.Generator().manual_seed(0)
    return (torch.randperm(100, generator=generator) + first).view(1, 10, 10).float()


@pytest.mark.parametrize(
    ("first", "share"),
    [(0, 0.2), (-9, 0.2), (-19, 0.2), (-29, 0.3), (-49, 0.5), (-59, 0.5), (-98, 0.5), (7, 0.2), (-200, 0.5)],
)
def test_a_hole_grows_or_shrinks_to_the_nearest_share_that_is_allowed(first: int, share: float) -> None:
    field = ramp(first)
    found = holes_of(field, 0.2, 0.5)
    assert abs(shares(found).item() - share) < 1e-6
    lowest = field.flatten().argsort()[: round(100 * share)]
    assert found.flatten()[lowest].all()


def test_each_picture_of_a_batch_has_its_own_level() -> None:
    found = holes_of(torch.cat([ramp(first) for first in (0, -34, -99)]), 0.1, 0.6)
    assert (shares(found) - torch.tensor([0.1, 0.35, 0.6])).abs().max() < 1e-6


def test_steps_of_a_field_are_kept_whole() -> None:
    """Rows of one value: a hole from 0.25 to 0.35 of ten rows is three of them, one of at most 0.35 too."""
    field = torch.arange(1.0, 11)[:, None].expand(10, 10)[None]
    assert abs(shares(holes_of(field, 0.25, 0.35)).item() - 0.3) < 1e-6
    assert abs(shares(holes_of(field - 9, 0.01, 0.35)).item() - 0.3) < 1e-6


def test_shares_count_ones() -> None:
    holes = torch.zeros(2, 1, 4, 5)
    holes[1, 0, 0] = 1
    assert shares(holes).tolist() == shares(holes.bool()).tolist() == [0.0, 0.25]
