"""The PRD curve in closed forms, and of features in clusters."""

from __future__ import annotations

import pytest
import torch

from img2img.metrics.sets.prd import BETA, curve, curve_of_features, kmeans


def shares(*parts: float) -> torch.Tensor:
    return torch.tensor(parts).double()


def test_equal_and_disjoint_distributions() -> None:
    same = curve(shares(0.3, 0.7), shares(0.3, 0.7))
    assert same.f(BETA) == pytest.approx(1, abs=1e-4) and same.f(1 / BETA) == pytest.approx(1, abs=1e-4)
    disjoint = curve(shares(1, 0), shares(0, 1))
    assert disjoint.f(BETA) == disjoint.f(1 / BETA) == 0


def test_one_mode_of_two() -> None:
    """All precision down to half the recall: F8 = 65 · 0.5 / (64 + 0.5), F1/8 = (65/64) · 0.5 / (1/64 + 0.5)."""
    dropped = curve(made=shares(1, 0), true=shares(0.5, 0.5))
    assert dropped.precision.max().item() == pytest.approx(1, abs=1e-4)
    assert dropped.recall.max().item() == pytest.approx(0.5, abs=1e-4)
    assert dropped.f(BETA) == pytest.approx(32.5 / 64.5, abs=1e-3)
    assert dropped.f(1 / BETA) == pytest.approx((65 / 128) / (1 / 64 + 0.5), abs=1e-3)


def test_swapping_the_sets_swaps_precision_and_recall() -> None:
    one, other = shares(0.2, 0.3, 0.5), shares(0.6, 0.4, 0)
    there, back = curve(one, other), curve(other, one)
    assert there.f(BETA) == pytest.approx(back.f(1 / BETA), abs=1e-9)
    assert (there.precision - back.recall.flip(0)).abs().max() < 1e-9


def modes(count: int, each: int, seed: int) -> torch.Tensor:
    """`count` tight clusters on a line, 10 apart, `each` points in every one."""
    noise = torch.randn(count * each, 2, generator=torch.Generator().manual_seed(seed)) / 10
    noise[:, 0] += 10.0 * torch.arange(count).repeat_interleave(each)
    return noise


def test_features_in_clusters() -> None:
    """Ten of twenty modes: precise, and of the half of the recall that the closed form says."""
    found = curve_of_features(modes(10, 20, 1), modes(20, 20, 2), seed=0)
    assert found.f(1 / BETA) > 0.95 and 0.4 < found.f(BETA) < 0.65
    again = curve_of_features(modes(10, 20, 1), modes(20, 20, 2), seed=0)
    assert torch.equal(found.precision, again.precision)


def test_kmeans_finds_clusters() -> None:
    points = modes(4, 30, 3)
    for seed in range(5):
        labels = kmeans(points, 4, torch.Generator().manual_seed(seed)).view(4, 30)
        assert (labels == labels[:, :1]).all() and len(set(labels[:, 0].tolist())) == 4


def test_kmeans_takes_fewer_points_than_clusters_and_equal_ones() -> None:
    labels = kmeans(torch.zeros(5, 2), 8, torch.Generator().manual_seed(0))
    assert len(set(labels.tolist())) == 1
