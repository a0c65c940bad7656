"""The Laplacian pyramid: a small picture, and at each doubling what enlarging it has not brought back
(arXiv:1506.05751, section 2.2; Burt and Adelson 1983, "The Laplacian Pyramid as a Compact Image Code")."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor
from torch.nn.functional import avg_pool2d

from .resample import doubled


def shrinking(image: Tensor, levels: int) -> list[Tensor]:
    """The image, coarsest first: levels times halved, and the last as it is. (N, C, H, W), sides multiples of 2^levels.

    A pixel is the average of four, so that a picture stays in its range.
    """
    found = [image]
    for _ in range(levels):
        found.append(avg_pool2d(found[-1], 2))
    return found[::-1]


def pyramid(image: Tensor, levels: int) -> list[Tensor]:
    """The coarsest picture, then the details of each doubling, (N, C, h, w) in [-2, 2]."""
    pictures = shrinking(image, levels)
    return [pictures[0], *(fine - doubled(coarse) for coarse, fine in pairwise(pictures))]


def rebuilt(parts: list[Tensor]) -> Tensor:
    """The image of a pyramid: exactly what it was made from, but for rounding."""
    image, *details = parts
    for detail in details:
        image = doubled(image) + detail
    return image
