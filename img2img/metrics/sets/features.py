"""What the measures need of a set of pictures, gathered in one pass over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from img2img.config.base import Refusal

from .inception import Inception, square

SMALL = 32
"""Side of the squares that SWD compares, px."""


@dataclass(frozen=True, eq=False)
class PictureSet:
    """features: (N, 2048) float32 of Inception. logits: (N, 1008) float32. small: (N, 3, SMALL, SMALL) uint8."""

    features: Tensor
    logits: Tensor
    small: Tensor

    def __len__(self) -> int:
        return len(self.features)

    def drawn(self, count: int, seed: int) -> PictureSet:
        """`count` of its pictures, drawn with `seed`; all, in another order, where there are no more."""
        chosen = torch.randperm(len(self), generator=torch.Generator().manual_seed(seed))[:count]
        return PictureSet(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


class Gathering:
    """A set in the making: (3, H, W) uint8 pictures of any sizes come one by one, and Inception sees them in batches.

    watch hears, after each batch, how many it has seen.
    """

    def __init__(self, inception: Inception, batch_size: int, watch: Callable[[int], None] = lambda done: None) -> None:
        self._inception, self._batch_size, self._watch = inception, batch_size, watch
        self._waiting: list[Tensor] = []
        self._parts: list[PictureSet] = []

    def __len__(self) -> int:
        return sum(map(len, self._parts)) + len(self._waiting)

    def add(self, picture: Tensor) -> None:
        """One more."""
        self._waiting.append(picture)
        if len(self._waiting) == self._batch_size:
            self._see()

    def whole(self) -> PictureSet:
        """All of them. Raises Refusal where there is none."""
        self._see()
        if not self._parts:
            raise Refusal("a set without pictures cannot be measured")
        return PictureSet(
            **{
                field.name: torch.cat([getattr(part, field.name) for part in self._parts])
                for field in fields(PictureSet)
            }
        )

    def _see(self) -> None:
        if self._waiting:
            features, logits = self._inception(self._waiting)
            small = torch.stack([square(middle(picture), SMALL) for picture in self._waiting])
            self._parts.append(PictureSet(features, logits, small))
            self._waiting = []
            self._watch(len(self))


def gather(
    pictures: Iterable[Tensor], inception: Inception, batch_size: int, watch: Callable[[int], None]
) -> PictureSet:
    """The set of (3, H, W) uint8 pictures of any sizes, `batch_size` at a time; watch hears how many are done.

    Raises Refusal where there is none.
    """
    gathering = Gathering(inception, batch_size, watch)
    for picture in pictures:
        gathering.add(picture)
    return gathering.whole()


def middle(picture: Tensor) -> Tensor:
    """(C, H, W) -> its largest square, from the middle."""
    height, width = picture.shape[-2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return picture[..., top : top + side, left : left + side]
