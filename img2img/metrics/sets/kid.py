"""Kernel Inception distance: an unbiased distance of two sets of features, by blocks (arXiv:1801.01401)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from img2img.config.base import Refusal

BLOCKS = 100
"""Blocks that are drawn; the distance is their mean."""

LARGEST_BLOCK = 1000
"""Features of each set in a block, where there are twice as many: the paper's."""


@dataclass(frozen=True)
class KernelDistance:
    """mean: of the blocks, about 0 or below for sets of one kind. deviation: of one block. block: features in it."""

    mean: float
    deviation: float
    block: int


def kernel_distance(one: Tensor, other: Tensor, seed: int) -> KernelDistance:
    """Squared MMD of (N, D) and (M, D) features with the kernel (x·y / D + 1)³, mean over blocks drawn with `seed`.

    A block has 1,000 features of each set, or half of the smaller set. Its expectation does not depend on N: sets of
    different sizes may be compared. Raises Refusal for sets of fewer than four.
    """
    block = block_size(len(one), len(other))
    if block < 2:
        raise Refusal(f"KID needs four pictures of each set or more; these are {len(one)} and {len(other)}")
    draw = torch.Generator().manual_seed(seed)
    blocks = []
    for _ in range(BLOCKS):
        chosen = (rows[torch.randperm(len(rows), generator=draw)[:block]].double() for rows in (one, other))
        blocks.append(squared_discrepancy(*chosen))
    found = torch.stack(blocks)
    return KernelDistance(found.mean().item(), found.std().item(), block)


def block_size(one: int, other: int) -> int:
    """Features of each set in a block, of sets of `one` and `other`."""
    return min(LARGEST_BLOCK, one // 2, other // 2)


def squared_discrepancy(one: Tensor, other: Tensor) -> Tensor:
    """The unbiased estimate of MMD² of (n, D) and (m, D) features (equation 4), a scalar that may be negative."""
    within = [_mean_of_pairs(_kernel(rows, rows)) for rows in (one, other)]
    return within[0] + within[1] - 2 * _kernel(one, other).mean()


def _kernel(one: Tensor, other: Tensor) -> Tensor:
    return (one @ other.T / one.shape[1] + 1) ** 3


def _mean_of_pairs(square: Tensor) -> Tensor:
    """The mean of a square matrix without its diagonal."""
    n = len(square)
    return (square.sum() - square.trace()) / (n * (n - 1))
