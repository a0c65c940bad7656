"""What the measures need of a set of pictures, gathered in one pass over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import islice

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


def look_at(
    pictures: Iterable[Tensor], inception: Inception, batch_size: int, watch: Callable[[int], None]
) -> PictureSet:
    """The set of (3, H, W) uint8 pictures of any sizes, `batch_size` at a time; watch hears how many are done.

    Raises Refusal where there is none.
    """
    parts: list[PictureSet] = []
    done = 0
    for batch in _batches(pictures, batch_size):
        features, logits = inception(batch)
        parts.append(PictureSet(features, logits, torch.stack([square(middle(picture), SMALL) for picture in batch])))
        done += len(batch)
        watch(done)
    if not parts:
        raise Refusal("a set without pictures cannot be measured")
    return PictureSet(
        **{field.name: torch.cat([getattr(part, field.name) for part in parts]) for field in fields(PictureSet)}
    )


def middle(picture: Tensor) -> Tensor:
    """(C, H, W) -> its largest square, from the middle."""
    height, width = picture.shape[-2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return picture[..., top : top + side, left : left + side]


def _batches(pictures: Iterable[Tensor], size: int) -> Iterator[Sequence[Tensor]]:
    source = iter(pictures)
    while batch := list(islice(source, size)):
        yield batch
