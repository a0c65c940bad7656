"""The toy data of `bench_ring`, Gaussians in the plane, and how samples cover them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

Verdict = Literal["converged", "blurred", "modes lost", "collapsed"]
RULE = (
    "collapsed: half of the modes or more are nearest to less than 1 % of the samples; converged: every mode is found "
    "and the quality is 2/3 or better; blurred: every mode is approached, the quality is worse; modes lost: all else"
)


@dataclass(frozen=True)
class Mixture:
    """Equally likely Gaussians in the plane: centres (M, 2), and the standard deviation of each coordinate."""

    centres: Tensor
    std: float

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Iterator[dict[str, Tensor]]:
        """Batch i of rank r depends on (seed, r, i) alone."""
        centres, index = self.centres.numpy(), first_step
        while True:
            noise = np.random.default_rng((seed, rank, index))
            points = centres[noise.integers(len(centres), size=batch_size)]
            points = points + self.std * noise.standard_normal(points.shape)
            yield {"real": torch.from_numpy(points.astype(np.float32))}
            index += 1


def ring() -> Mixture:
    """8 Gaussians on a circle of radius 2, std 0.02 (after arXiv:1611.02163), times 0.4 to lie in [-1, 1]."""
    angles = torch.arange(8) * (2 * math.pi / 8)
    return Mixture(0.8 * torch.stack([angles.cos(), angles.sin()], dim=1), std=0.008)


def grid() -> Mixture:
    """5 x 5 Gaussians 2 apart, std 0.05 (after arXiv:1705.07761), times 0.2 to lie in [-1, 1]."""
    line = torch.linspace(-0.8, 0.8, 5)
    return Mixture(torch.cartesian_prod(line, line), std=0.01)


@dataclass(frozen=True)
class Cover:
    """How samples cover a mixture. approached: modes that are nearest to at least 1 % of the samples, however far."""

    modes: int
    found: int
    approached: int
    quality: float

    @property
    def verdict(self) -> Verdict:
        """By RULE."""
        if self.approached <= self.modes / 2:
            return "collapsed"
        if self.found == self.modes and self.quality >= 2 / 3:
            return "converged"
        return "blurred" if self.approached == self.modes and self.quality < 2 / 3 else "modes lost"


def cover(samples: Tensor, mixture: Mixture) -> Cover:
    """Counts modes. samples: (N, 2)."""
    distance, nearest = torch.cdist(samples, mixture.centres).min(dim=1)
    good = distance <= 3 * mixture.std
    modes, enough = len(mixture.centres), len(samples) / 100

    def with_enough(mode_of: Tensor) -> int:
        return int((torch.bincount(mode_of, minlength=modes) >= enough).sum())

    return Cover(modes, with_enough(nearest[good]), with_enough(nearest), good.float().mean().item())
