"""Lloyd's k-means with the first centres spread out (k-means++), as the PRD curve bins features."""

from __future__ import annotations

import torch
from torch import Tensor

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
