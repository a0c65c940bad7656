"""The Fréchet distance of two sets of features, each as a Gaussian: what FID is (arXiv:1706.08500, equation 6)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from img2img.config.base import Refusal


@dataclass(frozen=True, eq=False)
class Gaussian:
    """mean: (D,) float64. covariance: (D, D) float64, symmetric, without negative eigenvalues, of any rank."""

    mean: Tensor
    covariance: Tensor


def gaussian_of(features: Tensor) -> Gaussian:
    """Mean and unbiased covariance of (N, D) features, computed in float64. Raises Refusal for fewer than two."""
    if len(features) < 2:
        raise Refusal(f"{len(features)} pictures have no covariance; two or more are needed")
    rows = features.double()
    mean = rows.mean(0)
    centred = rows - mean
    return Gaussian(mean, centred.T @ centred / (len(rows) - 1))


def frechet_distance(one: Gaussian, other: Gaussian) -> float:
    """|m - m'|² + tr(C + C' - 2 (C C')^½), not negative; 0 for equal Gaussians.

    The trace of the root is the sum of the singular values of C^½ C'^½, which are real whatever the ranks: no root of
    a matrix that is not symmetric is taken, and none that is nearly singular is inverted.
    """
    shift = (one.mean - other.mean).square().sum()
    spread = one.covariance.trace() + other.covariance.trace()
    overlap = torch.linalg.svdvals(_root(one.covariance) @ _root(other.covariance).T).sum()
    return max(0.0, (shift + spread - 2 * overlap).item())


def _root(covariance: Tensor) -> Tensor:
    """(rank, D), a root R with R'R = C; directions without spread, up to rounding, are left out."""
    values, vectors = torch.linalg.eigh(covariance)
    least = values[-1] * len(values) * torch.finfo(values.dtype).eps
    kept = values > least.clamp(min=0)
    return values[kept].sqrt()[:, None] * vectors[:, kept].T
