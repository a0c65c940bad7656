"""Pictures that lie in memory, with their classes, as the measures of sets take them: a standard set's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from torch import Tensor, from_numpy

from img2img.images.samples import fit_channels

from .pictures import drawn_places


@dataclass(frozen=True, eq=False)
class PicturesInMemory:
    """pictures: (N, C, H, W) uint8, C 1 or 3. labels: (N,) integers, the number of each one's class in `names`."""

    name: str
    pictures: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.pictures)

    def read(self, place: int) -> Tensor:
        """One, (3, H, W) uint8; grey as three equal channels."""
        return fit_channels(from_numpy(self.pictures[place]), 3)

    def in_turn(self) -> Iterator[Callable[[], Tensor]]:
        """What reads each."""
        return (partial(self.read, place) for place in range(len(self)))

    def without(self, failed: Collection[int]) -> PicturesInMemory:
        """All but those at these places."""
        return self._at([place for place in range(len(self)) if place not in failed])

    def drawn(self, count: int | None, seed: int) -> PicturesInMemory:
        """`count` of them, drawn with `seed`; all where there are no more, or no count is given."""
        return self._at(drawn_places(len(self), count, seed))

    def classes(self) -> list[str]:
        """The class of each."""
        return [self.names[label] for label in self.labels]

    def content(self) -> Iterator[str]:
        """Of all of them: their shape, and a hash of their levels."""
        yield f"{self.pictures.shape} {hashlib.sha256(self.pictures.tobytes()).hexdigest()}"

    def _at(self, places: list[int]) -> PicturesInMemory:
        return PicturesInMemory(self.name, self.pictures[places], self.labels[places], self.names)
