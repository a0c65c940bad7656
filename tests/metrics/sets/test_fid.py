"""Fréchet distance of Gaussians in closed forms."""

from __future__ import annotations

import pytest
import torch

from img2img.config.base import Refusal
from img2img.metrics.sets.fid import Gaussian, frechet_distance, gaussian_of


def features(count: int, width: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed)) * 3 + 1


def root(width: int, seed: int) -> torch.Tensor:
    """Of a covariance of full rank, which it is no symmetric root of."""
    return features(4 * width, width, seed).double() / width


def test_mean_and_covariance() -> None:
    found = gaussian_of(torch.tensor([[0.0, 0.0], [2.0, 4.0]]))
    assert found.mean.tolist() == [1, 2]
    assert (found.root.T @ found.root - torch.tensor([[2, 4], [4, 8]])).abs().max() < 1e-12
    many = features(500, 4).double()
    found = gaussian_of(many)
    assert found.root.shape == (4, 4) and (found.root.T @ found.root - many.T.cov()).abs().max() < 1e-12


def test_a_shift_of_the_mean_is_its_squared_length() -> None:
    one = Gaussian(torch.zeros(6).double(), root(6, 1))
    other = Gaussian(torch.arange(6).double(), root(6, 1))
    assert frechet_distance(one, other) == pytest.approx(55, abs=1e-9)


def test_diagonal_covariances() -> None:
    """tr(C + C' - 2 (C C')^½) is the sum of (s - s')² over deviations."""
    one, other = torch.tensor([1.0, 2.0, 0.0, 5.0]).double(), torch.tensor([4.0, 2.0, 3.0, 0.0]).double()
    zero = torch.zeros(4).double()
    found = frechet_distance(Gaussian(zero, one.diag()), Gaussian(zero, other.diag()))
    assert found == pytest.approx((one - other).square().sum().item(), abs=1e-9)


def test_covariances_that_do_not_commute() -> None:
    """Against (C C')^½ by the eigenvalues of the product, which are real and positive for full rank."""
    a, b = root(5, 1), root(5, 2)
    one, other = a.T @ a, b.T @ b
    zero = torch.zeros(5).double()
    roots = torch.linalg.eigvals(one @ other).sqrt().real.sum()
    expected = (one.trace() + other.trace() - 2 * roots).item()
    assert frechet_distance(Gaussian(zero, a), Gaussian(zero, b)) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("count", [2, 10, 600])
def test_a_set_with_itself_whatever_the_rank(count: int) -> None:
    found = gaussian_of(features(count, 300))
    assert 0 <= frechet_distance(found, found) < 1e-8


def test_few_pictures_against_symmetric_roots() -> None:
    """tr (C^½ C' C^½)^½ by eigenvalues, for fewer rows than columns."""
    one, other = features(7, 40, 1).double(), features(9, 40, 2).double() * 2
    values, vectors = torch.linalg.eigh(one.T.cov())
    half = vectors @ values.clamp(min=0).sqrt().diag() @ vectors.T
    overlap = torch.linalg.eigvalsh(half @ other.T.cov() @ half).clamp(min=0).sqrt().sum()
    shift = (one.mean(0) - other.mean(0)).square().sum()
    expected = shift + one.T.cov().trace() + other.T.cov().trace() - 2 * overlap
    assert frechet_distance(gaussian_of(one), gaussian_of(other)) == pytest.approx(expected.item(), rel=1e-6)


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
