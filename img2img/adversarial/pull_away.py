"""EBGAN's pull-away term: what keeps the codes of a batch apart."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import normalize


def pull_away(code: Tensor) -> Tensor:
    """EBGAN's pull-away term: the mean squared cosine between different samples' codes (arXiv:1609.03126, eq. 4).

    code: (N, ...) -> scalar in [0, 1]; 0 for a single sample.
    """
    directions = normalize(code.flatten(1), dim=1)
    cosines = (directions @ directions.T).square()
    count = len(code)
    return (cosines.sum() - cosines.diagonal().sum()) / max(count * (count - 1), 1)
