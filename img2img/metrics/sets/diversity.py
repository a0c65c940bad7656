"""How different the pictures of a set are from each other: the mean LPIPS of random pairs (arXiv:1711.11586)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from img2img.config.base import Refusal
from img2img.metrics.lpips import LPIPS


def random_pairs(count: int, pairs: int, seed: int) -> list[tuple[int, int]]:
    """Up to `pairs` different pairs out of `count` pictures, drawn with `seed`; all of them where there are no more.

    Raises Refusal for fewer than two pictures.
    """
    if count < 2:
        raise Refusal(f"{count} pictures make no pair; diversity needs two or more")
    draw = torch.Generator().manual_seed(seed)
    if count * (count - 1) // 2 <= pairs:
        return [(one, other) for one in range(count) for other in range(one)]
    found: dict[tuple[int, int], None] = {}
    while len(found) < pairs:
        one, other = torch.randint(count, (2,), generator=draw).tolist()
        if one != other:
            found[max(one, other), min(one, other)] = None
    return list(found)


@torch.inference_mode()
def diversity(pictures: Sequence[Tensor], pairs: Sequence[tuple[int, int]], network: LPIPS) -> float:
    """The mean distance of these pairs of pictures, (3, S, S) in [-1, 1], all of one size; 0 for equal pictures."""
    device = next(network.parameters()).device
    distances = [network(pictures[one].to(device), pictures[other].to(device)).item() for one, other in pairs]
    return sum(distances) / len(distances)
