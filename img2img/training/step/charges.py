"""What the players were charged since the last line of the log: each term's mean over steps and ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from img2img.training.ranks import Ranks


class Charges:
    """Sums of the loss terms on the device: no step waits for them, only a line of the log."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._steps = 0

    def add(self, terms: Mapping[str, Tensor]) -> None:
        """The terms of one step, scalars by name."""
        for name, term in terms.items():
            self._sums[name] = self._sums[name] + term if name in self._sums else term
        self._steps += 1

    def means(self, ranks: Ranks) -> dict[str, float] | None:
        """Each term's mean over the steps since the last call and over all ranks' pictures, on the first rank.

        None on the others. Every rank must call it. A term that a step has not charged is 0 there.
        """
        names = list(self._sums)
        means = (torch.stack([self._sums[name].float() for name in names]) / max(self._steps, 1)).tolist()
        self._sums, self._steps = {}, 0
        everyones = ranks.gather(dict(zip(names, means, strict=True)))
        return None if everyones is None else mean_of(everyones)


def mean_of(everyones: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Each term's mean over ranks; one that a rank has not paid is 0 there, as in its own mean over steps."""
    names = dict.fromkeys(name for numbers in everyones for name in numbers)
    return {name: sum(numbers.get(name, 0.0) for numbers in everyones) / len(everyones) for name in names}
