"""Precision and recall of distributions: the whole curve between the two (arXiv:1806.00035)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

CLUSTERS = 20
RUNS = 10
ANGLES = 1001
"""Bins of the features, clusterings that the curve is the mean of, points of the curve: the published code's."""

BETA = 8.0
"""F8 weighs recall, F1/8 precision: the paper's."""


@dataclass(frozen=True, eq=False)
class Curve:
    """precision, recall: (ANGLES,) float64 in [0, 1]; from all recall to all precision along the curve."""

    precision: Tensor
    recall: Tensor

    def f(self, beta: float) -> float:
        """The largest (1 + β²) PR / (β² P + R) on the curve; β > 1 weighs recall."""
        above = (1 + beta**2) * self.precision * self.recall
        below = beta**2 * self.precision + self.recall
        return torch.where(below > 0, above / below.clamp(min=1e-12), 0.0).max().item()


def curve_of_features(made: Tensor, true: Tensor, seed: int) -> Curve:
    """The mean curve over clusterings, drawn with `seed`, of both sets' (N, D) and (M, D) features together.

    Of the larger set as many are drawn as the smaller has, so that neither decides alone where the clusters lie.
    """
    draw = torch.Generator().manual_seed(seed)
    count = min(len(made), len(true))
    made, true = (rows[torch.randperm(len(rows), generator=draw)[:count]] for rows in (made, true))
    curves = []
    for _ in range(RUNS):
        labels = kmeans(torch.cat([made, true]), CLUSTERS, draw)
        shares = [torch.bincount(half, minlength=CLUSTERS).cpu().double() / count for half in labels.split(count)]
        curves.append(curve(*shares))
    precision = torch.stack([one.precision for one in curves]).mean(0)
    recall = torch.stack([one.recall for one in curves]).mean(0)
    return Curve(precision, recall)


def curve(made: Tensor, true: Tensor) -> Curve:
    """Of two distributions over the same bins, (K,) each: α(λ) = Σ min(λ p, q), β(λ) = α(λ) / λ (algorithm 1).

    p: true, q: made; λ = tan of angles between 0 and a right angle.
    """
    end = 1e-6
    slopes = torch.linspace(end, math.pi / 2 - end, ANGLES, dtype=torch.float64).tan()
    precision = torch.minimum(slopes[:, None] * true, made).sum(1)
    return Curve(precision.clamp(0, 1), (precision / slopes).clamp(0, 1))


_MOST_STEPS = 100


def kmeans(points: Tensor, clusters: int, draw: torch.Generator) -> Tensor:
    """The cluster of each of (N, D) points, (N,) int64 in 0..clusters-1, until none moves or after 100 steps.

    Raises nothing for fewer points than clusters: some clusters are then empty.
    """
    centres = _spread_out(points, clusters, draw)
    labels = torch.full((len(points),), -1, device=points.device)
    for _ in range(_MOST_STEPS):
        nearest = torch.cdist(points, centres).argmin(1)
        if torch.equal(nearest, labels):
            break
        labels = nearest
        members = torch.nn.functional.one_hot(labels, clusters).to(points.dtype)
        counts = members.sum(0)[:, None]
        centres = torch.where(counts > 0, members.T @ points / counts.clamp(min=1), centres)
    return labels


def _spread_out(points: Tensor, clusters: int, draw: torch.Generator) -> Tensor:
    """(clusters, D): each is a point drawn with a chance in proportion to its squared distance from those before."""
    first = int(torch.randint(len(points), (1,), generator=draw))
    centres = [points[first]]
    nearest = torch.full((len(points),), torch.inf, dtype=points.dtype, device=points.device)
    for _ in range(clusters - 1):
        nearest = torch.minimum(nearest, (points - centres[-1]).square().sum(1))
        # Where no point is left that differs, any will do.
        chances = nearest if nearest.sum() > 0 else torch.ones_like(nearest)
        place = torch.rand(1, generator=draw, dtype=torch.float64).item() * chances.sum()
        centres.append(points[int(torch.searchsorted(chances.cumsum(0), place).clamp(max=len(points) - 1))])
    return torch.stack(centres)
