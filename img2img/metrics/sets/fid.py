"""The Fréchet distance of two sets of features, each as a Gaussian: what FID is (arXiv:1706.08500, equation 6)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from img2img.config.base import Refusal


@dataclass(frozen=True, eq=False)
class Gaussian:
    """mean: (D,) float64. root: (R, D) float64, any of the covariance's roots, covariance = root' root, of any rank."""

    mean: Tensor
    root: Tensor


def gaussian_of(features: Tensor) -> Gaussian:
    """Mean and unbiased covariance of (N, D) features, in float64. Raises Refusal for fewer than two.

    The centred features are a root themselves; the triangle of their QR decomposition is one of no more than D rows.
    """
    if len(features) < 2:
        raise Refusal(f"{len(features)} pictures have no covariance; two or more are needed")
    rows = features.double()
    mean = rows.mean(0)
    _, triangle = torch.linalg.qr(rows - mean, mode="r")
    return Gaussian(mean, triangle / (len(rows) - 1) ** 0.5)


def frechet_distance(one: Gaussian, other: Gaussian) -> float:
    """|m - m'|² + tr(C + C' - 2 (C C')^½), not negative; 0 for equal Gaussians.

    With C = A'A and C' = B'B, the trace of the root of C C' is the sum of the singular values of A B': no covariance is
    formed and no root of one taken, which rank-deficient ones would make complex.
    """
    shift = (one.mean - other.mean).square().sum()
    spread = one.root.square().sum() + other.root.square().sum()
    overlap = torch.linalg.svdvals(one.root @ other.root.T).sum()
    return max(0.0, (shift + spread - 2 * overlap).item())
