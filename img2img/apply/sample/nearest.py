"""The pictures of a set that are most like given ones: what shows whether samples are learnt by heart."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from img2img.metrics.sets.inception import Inception
from img2img.metrics.sets.pictures import eight_bits

Traits = Callable[[Tensor], Tensor]
"""What pictures are compared by: (N, C, H, W) in [-1, 1] -> (N, D)."""

SEEN = 32
"""Pictures that Inception sees at once."""


def pixels(pictures: Tensor) -> Tensor:
    """The values of the pixels themselves: a copy is found, but not the same thing a little aside."""
    return pictures.flatten(1)


def features(inception: Inception) -> Traits:
    """What Inception makes of pictures, rounded to 8 bits: likeness in what they show.

    Raises ImageError for values that are not finite.
    """

    def traits(pictures: Tensor) -> Tensor:
        return torch.cat([inception([eight_bits(picture) for picture in part])[0] for part in pictures.split(SEEN)])

    return traits


@torch.no_grad()
def nearest(pictures: Tensor, others: Iterable[Tensor], count: int, traits: Traits = pixels) -> tuple[Tensor, Tensor]:
    """The `count` nearest of the others to each picture, by the root of the mean squared difference of their traits.

    pictures: (N, C, H, W); others: batches (M, C, H, W), seen once, of which no more than one is in memory.
    Returns: (N, count, C, H, W) and their distances (N, count), nearest first; fewer where there are no more.
    """
    found, distances = pictures.new_empty(len(pictures), 0, *pictures.shape[1:]), pictures.new_empty(len(pictures), 0)
    own = traits(pictures)
    for batch in others:
        apart = torch.cdist(own, traits(batch)) / own.shape[1] ** 0.5
        distances = torch.cat([distances, apart], dim=1)
        best = distances.topk(min(count, distances.shape[1]), dim=1, largest=False)
        kept = found.shape[1]
        found = torch.stack(
            [
                torch.stack([found[row, place] if place < kept else batch[place - kept] for place in places.tolist()])
                for row, places in enumerate(best.indices)
            ]
        )
        distances = best.values
    return found, distances
