"""DiffAugment (arXiv:2006.10738, section 4.1): colour, translation and cutout, always on, for real and fake alike."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from img2img.data.crop import pixels_at

REACH = 1 / 8
"""Largest translation, as a share of the side."""
HOLE = 1 / 2
"""Side of the square that is cut out, as a share of the side."""


def diffaugment(images: Tensor, others: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """One translation and one cutout for each picture, on `images` and `others` alike; colour on `images` alone.

    images, others: (N, C, H, W) in [-1, 1], random through torch's global state. What moves in from outside and what
    is cut out becomes 0, mid grey; colours may leave [-1, 1].
    Returns: (images, *others), shapes kept.
    """
    if images.shape[1] in (1, 3):
        images = recoloured(images)
    rows, columns, inside = random_shift(images)
    kept = inside & ~random_hole(images)
    return tuple(pixels_at(pictures, rows, columns) * kept[:, None] for pictures in (images, *others))


def recoloured(images: Tensor) -> Tensor:
    """Brightness +-0.5, saturation times 0 to 2 (RGB only), contrast times 0.5 to 1.5, each about its mean."""
    brightness, saturation, contrast = torch.rand(3, len(images), 1, 1, 1, device=images.device)
    images = images + (brightness - 0.5)
    if images.shape[1] == 3:
        grey = images.mean(dim=1, keepdim=True)
        images = (images - grey) * (saturation * 2) + grey
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    contrasted: Tensor = (images - mean) * (contrast + 0.5) + mean
    return contrasted


def random_shift(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Rows (N, H, 1) and columns (N, 1, W) to read, px, kept within the picture; and (N, H, W), where they were so."""
    height, width = images.shape[2:]
    rows, columns = _shifted(images, height)[:, :, None], _shifted(images, width)[:, None, :]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return rows.clamp(0, height - 1), columns.clamp(0, width - 1), inside


def random_hole(images: Tensor) -> Tensor:
    """(N, H, W), true in a square of half the side, whose centre lies anywhere in the picture."""
    height, width = images.shape[2:]
    return _covered(images, height)[:, :, None] & _covered(images, width)[:, None, :]


def _shifted(images: Tensor, side: int) -> Tensor:
    reach = round(side * REACH)
    shift = torch.randint(-reach, reach + 1, (len(images), 1), device=images.device)
    return torch.arange(side, device=images.device) - shift


def _covered(images: Tensor, side: int) -> Tensor:
    hole = round(side * HOLE)
    first = torch.randint(side + 1 - hole % 2, (len(images), 1), device=images.device) - hole // 2
    places = torch.arange(side, device=images.device)
    return (places >= first) & (places < first + hole)
