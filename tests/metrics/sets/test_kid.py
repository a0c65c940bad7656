"""Kernel Inception distance against loops, and as an unbiased estimate."""

from __future__ import annotations

import pytest
import torch

from img2img.config.base import Refusal
from img2img.metrics.sets.kid import kernel_distance, squared_discrepancy


def features(count: int, seed: int, shift: float = 0.0) -> torch.Tensor:
    return torch.randn(count, 6, generator=torch.Generator().manual_seed(seed)) + shift


def test_the_formula() -> None:
    one, other = features(4, 1).double(), features(5, 2, 0.5).double()

    def kernel(x: torch.Tensor, y: torch.Tensor) -> float:
        return float(((x * y).sum() / 6 + 1) ** 3)

    within_one = sum(kernel(x, y) for i, x in enumerate(one) for j, y in enumerate(one) if i != j) / (4 * 3)
    within_other = sum(kernel(x, y) for i, x in enumerate(other) for j, y in enumerate(other) if i != j) / (5 * 4)
    between = sum(kernel(x, y) for x in one for y in other) / (4 * 5)
    expected = within_one + within_other - 2 * between
    assert squared_discrepancy(one, other).item() == pytest.approx(expected, abs=1e-12)


def test_sets_of_one_kind_are_at_no_distance_on_average() -> None:
    found = [kernel_distance(features(60, 2 * n), features(60, 2 * n + 1), seed=0).mean for n in range(40)]
    spread = torch.tensor(found).std() / 40**0.5
    assert abs(sum(found) / 40) < 4 * spread
    assert min(found) < 0 < max(found)


def test_the_size_of_the_sets_is_no_bias() -> None:
    small = kernel_distance(features(40, 1), features(40, 2, 1.0), seed=0)
    large = kernel_distance(features(800, 3), features(800, 4, 1.0), seed=0)
    assert (small.block, large.block) == (20, 400)
    assert abs(small.mean - large.mean) < 0.5 * large.mean
    assert large.deviation < small.deviation


def test_the_seed_is_the_blocks() -> None:
    one, other = features(50, 1), features(70, 2)
    assert kernel_distance(one, other, 3) == kernel_distance(one, other, 3)
    assert kernel_distance(one, other, 3).mean != kernel_distance(one, other, 4).mean


def test_too_few_are_refused() -> None:
    with pytest.raises(Refusal, match="four pictures"):
        kernel_distance(features(3, 1), features(9, 2), 0)
