"""Sliced Wasserstein distance of small patches, size by size of a Laplacian pyramid (arXiv:1710.10196, section 5)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import conv2d, conv_transpose2d, pad

from img2img.config.base import Refusal

PATCH = 7
"""Side of a patch, px."""
PATCHES = 128
"""Of each picture and size."""
DIRECTIONS = 512
"""That patches are projected on."""
MOST_PICTURES = 16384
"""Of each set, all the paper's."""

_AT_ONCE = 64  # directions, so that sorted projections of 16,384 pictures take half a GiB


def sliced_wasserstein_by_size(made: Tensor, true: Tensor, smallest: int, seed: int) -> dict[int, float]:
    """Side in px -> the distance of (N, 3, S, S) and (M, 3, S, S) pictures there, times 1,000.

    uint8 or float, whatever their range: patches are normalised. S: smallest · 2^n. Of the larger set as many are drawn
    as the smaller has. A set and itself are not quite at 0, as other patches are drawn of each.
    Raises Refusal for pictures smaller than a patch.
    """
    if smallest < PATCH:
        raise Refusal(f"SWD compares patches of {PATCH} px; of pictures of {smallest} px there are none")
    draw = torch.Generator().manual_seed(seed)
    count = min(len(made), len(true), MOST_PICTURES)
    sets = [rows[torch.randperm(len(rows), generator=draw)[:count]].float() for rows in (made, true)]
    pyramids = [laplacian_pyramid(pictures, smallest) for pictures in sets]
    distances = {}
    for levels in zip(*pyramids, strict=True):
        one, other = (normalised(patches_of(level, draw)) for level in levels)
        distances[levels[0].shape[-1]] = 1000 * sliced_wasserstein(one, other, draw)
    return distances


def patches_of(pictures: Tensor, draw: torch.Generator) -> Tensor:
    """(N, C, S, S) -> (N · PATCHES, C, PATCH, PATCH), at places drawn for each picture."""
    count, _, height, width = pictures.shape
    rows = torch.randint(height - PATCH + 1, (count, PATCHES, 1, 1), generator=draw)
    columns = torch.randint(width - PATCH + 1, (count, PATCHES, 1, 1), generator=draw)
    along = torch.arange(PATCH)
    picture = torch.arange(count).view(-1, 1, 1, 1)
    found = pictures[picture, :, rows + along.view(-1, 1), columns + along]  # (N, PATCHES, PATCH, PATCH, C)
    return found.permute(0, 1, 4, 2, 3).flatten(0, 1)


def normalised(patches: Tensor) -> Tensor:
    """(P, C, h, w) with mean 0 and deviation 1 in each channel, as vectors (P, C h w)."""
    deviation, mean = torch.std_mean(patches, (0, 2, 3), correction=0, keepdim=True)
    return ((patches - mean) / deviation.clamp(min=1e-8)).flatten(1)


def sliced_wasserstein(one: Tensor, other: Tensor, draw: torch.Generator) -> float:
    """Mean over random directions of the distance between two sets of points, (P, D) on the CPU, seen along them."""
    directions = torch.randn(DIRECTIONS, one.shape[1], generator=draw).to(one)
    directions /= directions.norm(dim=1, keepdim=True)
    parts = [
        np.abs(_sorted(some @ one.T) - _sorted(some @ other.T)).mean(dtype=np.float64)
        for some in directions.split(_AT_ONCE)
    ]
    return float(np.mean(parts))


def _sorted(rows: Tensor) -> np.ndarray:
    """numpy's sort is vectorised: 256,000 numbers take 7 ms on one core, torch's 23."""
    return np.sort(rows.numpy(), axis=1)


_BINOMIAL = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16


def laplacian_pyramid(images: Tensor, smallest: int) -> list[Tensor]:
    """(N, C, S, S), S = smallest · 2^n -> what sizes S, S / 2, ..., smallest show, the last of them the picture itself.

    Added up again, each enlarged to the next, they are the pictures.
    """
    levels = []
    while images.shape[-1] > smallest:
        smaller = reduced(images)
        levels.append(images - enlarged(smaller))
        images = smaller
    return [*levels, images]


def reduced(images: Tensor) -> Tensor:
    """(N, C, 2h, 2w) -> (N, C, h, w): a binomial filter of 5 px, mirrored at the border, then every other pixel."""
    return conv2d(pad(images, (2, 2, 2, 2), "reflect"), _filter(images), stride=2, groups=images.shape[1])


def enlarged(images: Tensor) -> Tensor:
    """(N, C, h, w) -> (N, C, 2h, 2w): zeros between the pixels, then four times the filter; a flat picture stays so."""
    # What a mirror behind the zeros shows: the second pixel before the first, the last one again behind the last.
    around = pad(pad(images, (1, 0, 1, 0), "reflect"), (0, 1, 0, 1), "replicate")
    wide = conv_transpose2d(around, 4 * _filter(images), stride=2, groups=images.shape[1])
    return wide[..., 4:-3, 4:-3]


def _filter(images: Tensor) -> Tensor:
    """(C, 1, 5, 5), for each channel alike."""
    kernel = torch.outer(_BINOMIAL, _BINOMIAL).to(images)
    return kernel.expand(images.shape[1], 1, 5, 5)
