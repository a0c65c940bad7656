"""The pictures of a set that are most like given ones: what shows whether samples are learnt by heart."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


@torch.no_grad()
def nearest(pictures: Tensor, others: Iterable[Tensor], count: int) -> tuple[Tensor, Tensor]:
    """The `count` nearest of the others to each picture, by the root of the mean squared difference of their values.

    pictures: (N, C, H, W); others: batches (M, C, H, W), seen once, of which no more than one is in memory.
    Returns: (N, count, C, H, W) and their distances (N, count), nearest first; fewer where there are no more.
    """
    found, distances = pictures.new_empty(len(pictures), 0, *pictures.shape[1:]), pictures.new_empty(len(pictures), 0)
    for batch in others:
        apart = torch.cdist(pictures.flatten(1), batch.flatten(1)) / pictures[0].numel() ** 0.5
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
