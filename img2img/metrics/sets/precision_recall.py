"""Precision and recall by nearest neighbours: is a picture where the other set's pictures are? (arXiv:1904.06991)."""

from __future__ import annotations

import torch
from torch import Tensor

from img2img.config.base import Refusal

NEIGHBOURS = 3
"""k: a feature's ball reaches to its k-th nearest of the same set. The paper's."""

_ROWS = 1024  # of a matrix of distances that is alive at a time


def precision_and_recall(made: Tensor, true: Tensor, neighbours: int = NEIGHBOURS) -> tuple[float, float]:
    """The share of (N, D) made features in a ball of a true one, and of (M, D) true ones in a ball of a made one.

    Equations 1 and 2. Raises Refusal for sets with no k-th neighbour.
    """
    if min(len(made), len(true)) <= neighbours:
        fewest = min(len(made), len(true))
        raise Refusal(f"precision and recall need {neighbours + 1} pictures of each set or more, and one has {fewest}")
    # In float64 the distance of equal features is 0 to 1e-6 of their length, by way of products as well.
    made, true = made.double(), true.double()
    return covered(made, true, radii(true, neighbours)), covered(true, made, radii(made, neighbours))


def radii(features: Tensor, neighbours: int) -> Tensor:
    """(N,): how far each of (N, D) features is from its k-th nearest neighbour."""
    parts = [
        torch.cdist(rows, features).kthvalue(neighbours + 1, dim=1).values  # the nearest is the feature itself
        for rows in features.split(_ROWS)
    ]
    return torch.cat(parts)


def covered(features: Tensor, centres: Tensor, reach: Tensor) -> float:
    """The share of (N, D) features that lie in one of the balls around (M, D) centres with (M,) radii."""
    within = [(torch.cdist(rows, centres) <= reach).any(1) for rows in features.split(_ROWS)]
    return torch.cat(within).double().mean().item()
