"""Laplacian pyramid (Burt & Adelson 1983): a picture as what each size adds to the next smaller one."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import conv2d, conv_transpose2d, pad

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
