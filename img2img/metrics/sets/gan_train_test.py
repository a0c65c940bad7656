"""GAN-train and GAN-test: does a classifier of one labelled set do for the other? (arXiv:1807.09499).

The paper trains a ResNet on the pictures; here the classifier is a softmax regression on Inception's features, whose
optimum is one and found to the end: two sets of equal pictures give equal figures, and no training has to be tuned.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

RIDGE = 1e-3
"""Weight of half the squared coefficients, beside the mean cross-entropy."""

_MOST_STEPS = 200


@dataclass(frozen=True, eq=False)
class Regression:
    """A linear classifier of standardised features. weight: (D + 1, classes) float64, the last row for a constant."""

    mean: Tensor
    deviation: Tensor
    weight: Tensor

    def accuracy(self, features: Tensor, labels: Tensor) -> float:
        """The share of (N, D) features whose most likely class is their label, (N,) int64."""
        return (self._logits(features).argmax(1) == labels).double().mean().item()

    def _logits(self, features: Tensor) -> Tensor:
        return _with_constant((features.double() - self.mean) / self.deviation) @ self.weight


def fit(features: Tensor, labels: Tensor, classes: int) -> Regression:
    """The regression of (N, D) features on their labels, (N,) int64 in 0..classes-1, by L-BFGS from 0."""
    deviation, mean = torch.std_mean(features.double(), 0, correction=0)
    deviation = torch.where(deviation > 0, deviation, 1.0)
    rows = _with_constant((features.double() - mean) / deviation)
    weight = torch.zeros(rows.shape[1], classes, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight], max_iter=_MOST_STEPS, line_search_fn="strong_wolfe")

    def loss() -> float:
        optimiser.zero_grad()
        cost = cross_entropy(rows @ weight, labels) + RIDGE / 2 * weight[:-1].square().sum()
        cost.backward()  # type: ignore[no-untyped-call]
        return cost.item()

    optimiser.step(loss)
    return Regression(mean, deviation, weight.detach())


def _with_constant(rows: Tensor) -> Tensor:
    return torch.cat([rows, rows.new_ones(len(rows), 1)], 1)
