"""Perceptual path length of generators whose paths are known."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from img2img.metrics.sets.path_length import linear, perceptual_path_length, spherical


def identity(latents: Tensor) -> Tensor:
    return latents.view(len(latents), 1, 2, 4)


def squared(one: Tensor, other: Tensor) -> Tensor:
    return (one - other).square().sum((1, 2, 3))


def latents(count: int, seed: int) -> Tensor:
    return torch.randn(count, 8, generator=torch.Generator().manual_seed(seed)).double()


def test_a_straight_path_is_the_squared_distance_of_its_ends() -> None:
    one = latents(50, 0)
    shift = torch.arange(8.0).double()
    found = perceptual_path_length(identity, one, one + shift, squared, linear, seed=0, batch_size=7)
    assert found == pytest.approx(shift.square().sum().item(), rel=1e-6)


def test_a_great_circle_is_the_squared_angle() -> None:
    one, other = torch.eye(8).double()[:4] * 3, torch.eye(8).double()[4:] * 3
    found = perceptual_path_length(identity, one, other, squared, spherical, seed=0)
    assert found == pytest.approx((3 * torch.pi / 2) ** 2, rel=1e-6)


def test_the_ends_and_the_middle_of_a_great_circle() -> None:
    one, other = latents(5, 1), latents(5, 2)
    units = [rows / rows.norm(dim=1, keepdim=True) for rows in (one, other)]
    length = (one.norm(dim=1, keepdim=True) + other.norm(dim=1, keepdim=True)) / 2
    middle = length * (units[0] + units[1]) / (units[0] + units[1]).norm(dim=1, keepdim=True)
    for place, expected in ((0.0, one), (0.5, middle), (1.0, other)):
        found = spherical(one, other, torch.full((5, 1), place).double())
        assert (found - expected).abs().max() < 1e-12
    assert (spherical(one, one, torch.full((5, 1), 0.3).double()) - one).abs().max() < 1e-6


def test_what_is_kept_comes_behind_the_latents_and_stays() -> None:
    one = latents(9, 0)
    kept = torch.arange(18.0).double().view(9, 2)
    seen: list[Tensor] = []

    def generate(rows: Tensor) -> Tensor:
        seen.append(rows[:, 8:])
        return identity(rows[:, :8])

    found = perceptual_path_length(generate, one, one + 1, squared, linear, seed=0, kept=kept, batch_size=4)
    assert found == pytest.approx(8, rel=1e-6)
    assert torch.equal(torch.cat(seen[::2]), kept) and torch.equal(torch.cat(seen[1::2]), kept)


def test_few_paths_that_leap_do_not_count() -> None:
    one = torch.zeros(400, 8).double()
    other = one + 1
    other[0] += 1000
    assert perceptual_path_length(identity, one, other, squared, linear, seed=0) == pytest.approx(8, rel=1e-6)
