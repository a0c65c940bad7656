"""Which pictures make which batch: a function of (seed, step, rank), so that a resumed run needs no loader state."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

WINDOW = 1
"""Sets the random numbers of windows apart from those of permutations."""


@dataclass(frozen=True)
class Draw:
    """One picture of a batch: its row, and where its window lies, as fractions in [0, 1) of the room that there is."""

    row: int
    down: float
    across: float


@dataclass(frozen=True)
class Order:
    """An endless shuffled stream of rows: each epoch is a permutation drawn from (seed, stream, epoch).

    Rank r of R takes in step i the positions (i R + r) B, ..., (i R + r) B + B - 1 of the stream, so ranks share no
    picture, batches are always full, and an epoch ends where it ends, not where a batch does. With several windows W,
    steps i W, ..., i W + W - 1 all take the pictures of that step i, each time at other places.
    """

    rows: int
    seed: int
    stream: int
    batch_size: int
    rank: int = 0
    ranks: int = 1
    windows: int = 1

    def batch(self, step: int) -> list[Draw]:
        """The pictures of this rank in micro-step `step`, counted from 0."""
        pictures, windows = self._first(step // self.windows), self._first(step)
        return [self._draw(pictures + place, windows + place) for place in range(self.batch_size)]

    def _first(self, step: int) -> int:
        return (step * self.ranks + self.rank) * self.batch_size

    def _draw(self, position: int, window: int) -> Draw:
        epoch, place = divmod(position, self.rows)
        row = permutation(self.rows, self.seed, self.stream, epoch)[place]
        down, across = np.random.default_rng((self.seed, self.stream, window, WINDOW)).random(2)
        return Draw(int(row), float(down), float(across))


@lru_cache(maxsize=8)
def permutation(rows: int, seed: int, stream: int, epoch: int) -> np.ndarray:
    """0 ... rows - 1 in the order of one epoch."""
    return np.random.default_rng((seed, stream, epoch)).permutation(rows)
