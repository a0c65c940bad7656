"""Pictures that are measured as a set, wherever they come from: files, memory, a generator."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol, Self, overload

import torch
from torch import Tensor

from img2img.config.base import Refusal
from img2img.images import to_samples
from img2img.images.samples import fit_channels, to_planes

from .features import middle
from .inception import square


class Pictures(Protocol):
    """Pictures by their place in an order that is always the same."""

    @property
    def name(self) -> str:
        """What messages call them."""

    def __len__(self) -> int: ...

    def read(self, place: int) -> Tensor:
        """One, (3, H, W) uint8; grey as three equal channels. Raises ImageError."""

    def in_turn(self) -> Iterator[Callable[[], Tensor]]:
        """What reads each, for a pass over all of them; each is called before the next one is asked for."""

    def classes(self) -> list[str]:
        """The class of each. Raises Refusal where they have none."""

    def without(self, failed: Collection[int]) -> Self:
        """All but those at these places."""


class Reference(Pictures, Protocol):
    """Pictures that are measured against again and again."""

    def content(self) -> Iterator[str]:
        """What tells them from all others, in parts. Raises OSError for a file that cannot be read."""


class Squares(Sequence[Tensor]):
    """The middle squares of pictures, read when they are asked for: (3, side, side) in [-1, 1]."""

    def __init__(self, pictures: Pictures, side: int, places: Sequence[int] | None = None) -> None:
        self._pictures, self._side = pictures, side
        self._places = range(len(pictures)) if places is None else places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> Tensor: ...
    @overload
    def __getitem__(self, place: slice) -> Squares: ...
    def __getitem__(self, place: int | slice) -> Tensor | Squares:
        if isinstance(place, slice):
            return Squares(self._pictures, self._side, self._places[place])
        return square(middle(self._pictures.read(self._places[place])), self._side).float() / 127.5 - 1


def eight_bits(picture: Tensor) -> Tensor:
    """A picture as a file of it would hold it: (C, H, W) in [-1, 1], C 1 or 3 -> (3, H, W) uint8, rounded.

    Raises ImageError for values that are not finite.
    """
    return fit_channels(to_planes(to_samples(picture, 8)), 3)


def drawn_places(total: int, count: int | None, seed: int) -> list[int]:
    """`count` of so many places, drawn with `seed`, in order; all where there are no more, or no count is given."""
    if count is None or count >= total:
        return list(range(total))
    chosen = torch.randperm(total, generator=torch.Generator().manual_seed(seed))[:count]
    return sorted(chosen.tolist())


def require_same_classes(one: Pictures, other: Pictures) -> None:
    """Raise Refusal where two sets have other classes, or only one."""
    names = [sorted({*pictures.classes()}) for pictures in (one, other)]
    if names[0] != names[1] or len(names[0]) < 2:
        found = f"{one.name} has {', '.join(names[0])}; {other.name} has {', '.join(names[1])}"
        raise Refusal(f"--classes wants two classes or more, the same in both: {found}")
