"""Fréchet distance of Gaussians in closed forms."""

from __future__ import annotations

import pytest
import torch

from img2img.config.base import Refusal
from img2img.metrics.frechet import Gaussian, frechet_distance, gaussian_of


def features(count: int, width: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed)) * 3 + 1


def spd(width: int, seed: int) -> torch.Tensor:
    rows = features(4 * width, width, seed).double()
    return rows.T @ rows / len(rows)


def test_mean_and_covariance() -> None:
    found = gaussian_of(torch.tensor([[0.0, 0.0], [2.0, 4.0]]))
    assert found.mean.tolist() == [1, 2]
    assert found.covariance.tolist() == [[2, 4], [4, 8]]


def test_a_shift_of_the_mean_is_its_squared_length() -> None:
    covariance = spd(6, 1)
    one = Gaussian(torch.zeros(6).double(), covariance)
    other = Gaussian(torch.arange(6).double(), covariance)
    assert frechet_distance(one, other) == pytest.approx(55, abs=1e-9)


def test_diagonal_covariances() -> None:
    """tr(C + C' - 2 (C C')^½) is the sum of (s - s')² over deviations."""
    one, other = torch.tensor([1.0, 2.0, 0.0, 5.0]).double(), torch.tensor([4.0, 2.0, 3.0, 0.0]).double()
    zero = torch.zeros(4).double()
    found = frechet_distance(Gaussian(zero, one.square().diag()), Gaussian(zero, other.square().diag()))
    assert found == pytest.approx((one - other).square().sum().item(), abs=1e-9)


def test_covariances_that_do_not_commute() -> None:
    """Against (C C')^½ by the eigenvalues of the product, which are real and positive for full rank."""
    one, other = spd(5, 1), spd(5, 2)
    zero = torch.zeros(5).double()
    roots = torch.linalg.eigvals(one @ other).sqrt().real.sum()
    expected = (one.trace() + other.trace() - 2 * roots).item()
    assert frechet_distance(Gaussian(zero, one), Gaussian(zero, other)) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("count", [2, 10, 600])
def test_a_set_with_itself_whatever_the_rank(count: int) -> None:
    found = gaussian_of(features(count, 300))
    assert 0 <= frechet_distance(found, found) < 1e-8


def test_few_pictures_are_exact_too() -> None:
    """For fewer rows than columns the root's trace is the sum of singular values of the centred rows' products."""
    one, other = features(7, 200, 1).double(), features(9, 200, 2).double() * 2
    rows = [(x - x.mean(0)) / (len(x) - 1) ** 0.5 for x in (one, other)]
    expected = (one.mean(0) - other.mean(0)).square().sum() + sum(x.square().sum() for x in rows)
    expected = expected - 2 * torch.linalg.svdvals(rows[0] @ rows[1].T).sum()
    assert frechet_distance(gaussian_of(one), gaussian_of(other)) == pytest.approx(expected.item(), rel=1e-10)


def test_it_is_symmetric_and_knows_no_offset() -> None:
    one, other = features(50, 20, 1), features(60, 20, 2) * 2
    there = frechet_distance(gaussian_of(one), gaussian_of(other))
    assert there == pytest.approx(frechet_distance(gaussian_of(other), gaussian_of(one)), abs=1e-9)
    assert there == pytest.approx(frechet_distance(gaussian_of(one + 7), gaussian_of(other + 7)), abs=1e-4)


def test_a_point_has_no_spread() -> None:
    """Gaussians without any spread are as far apart as their means."""
    same, shifted = torch.zeros(5, 3), torch.full((4, 3), 2.0)
    assert frechet_distance(gaussian_of(same), gaussian_of(shifted)) == pytest.approx(12)


def test_one_picture_is_refused() -> None:
    with pytest.raises(Refusal, match="1 pictures have no covariance"):
        gaussian_of(torch.zeros(1, 3))
