"""The transformations of adaptive discriminator augmentation (arXiv:2006.06676, appendix B), each with probability p.

Of the paper's pipeline: pixel blitting, isotropic geometry, and all of colour. Left out: anisotropic scaling, fractional
translation, and the filters, noise and cutout that the paper found to add little. Interpolation is plain bilinear where
the paper filters with wavelets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from .gather import pixels_at

REACH = 0.125
"""Largest integer translation, as a share of the side."""
LN_SCALE = 0.2 * math.log(2)
LN_CONTRAST = 0.5 * math.log(2)
LN_SATURATION = 1.0 * math.log(2)
BRIGHTNESS = 0.2
"""Standard deviations, of logarithms where the factor is log-normal."""


def adaptive(images: Tensor, others: Sequence[Tensor], p: Tensor) -> tuple[Tensor, ...]:
    """One movement of each picture on `images` and `others` alike; colour on `images` alone. p = 0: identity, exactly.

    images, others: (N, C, H, W) in [-1, 1], random through torch's global state; p: () in [0, 1].
    Returns: (images, *others), shapes kept; colours may leave [-1, 1].
    """
    columns, rows, moved = random_places(images, p)
    images, *rest = (torch.where(moved, bilinear(pictures, columns, rows), pictures) for pictures in (images, *others))
    if images.shape[1] in (1, 3):
        matrix, offset, coloured = random_colour(images, p)
        mixed = torch.einsum("nij,njhw->nihw", matrix.to(images), images)
        images = torch.where(coloured, mixed + offset, images)
    return images, *rest


def random_places(images: Tensor, p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """x and y (N, H, W), px, at which each picture is read, folded back at the borders; (N, 1, 1, 1): whether it moves.

    The paper rotates before and after an anisotropic scaling, with 1 - sqrt(1 - p) each; without that scaling both are
    one rotation with probability p.
    """
    count, _, height, width = images.shape
    place = {"device": images.device}
    drawn = torch.rand(5, count, 1, 1, **place) < p
    mirrors, turns, shifts, scales, rotates = drawn
    coin = torch.randint(2, (count, 1, 1), **place)
    mirror = torch.where(mirrors, 1.0 - 2 * coin, 1.0)
    quarters = torch.where(turns, torch.randint(4, (count, 1, 1), **place), 0)
    angle = torch.where(rotates, _uniform(count, math.pi, images), 0.0)
    scale = torch.where(scales, torch.exp(_normal(count, LN_SCALE, images)), 1.0)
    across = torch.where(shifts, _uniform(count, REACH * width, images), 0.0).round()
    down = torch.where(shifts, _uniform(count, REACH * height, images), 0.0).round()

    # Quarter turns by rounded cosines, which are whole numbers, so that they and mirrors are free of interpolation.
    c, s = (torch.cos(quarters * (math.pi / 2)).round(), torch.sin(quarters * (math.pi / 2)).round())
    cosine = (torch.cos(angle) * c - torch.sin(angle) * s) / scale
    sine = (torch.sin(angle) * c + torch.cos(angle) * s) / scale
    x = mirror * (torch.arange(width, **place) - (width - 1) / 2)
    y = (torch.arange(height, **place) - (height - 1) / 2)[:, None]
    columns = folded(cosine * x - sine * y + (width - 1) / 2 - across, width)
    rows = folded(sine * x + cosine * y + (height - 1) / 2 - down, height)
    return columns, rows, drawn.any(dim=0)[:, None]


def random_colour(images: Tensor, p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """A matrix (N, C, C) and an offset (N, 1, 1, 1) for the colours of each picture; (N, 1, 1, 1): whether they change.

    matrix = contrast (l v v^T + saturation (cos h (I - v v^T) + sin h [v]x)), with v the unit vector along grey, h the
    rotation of hue about it, and l = -1 where lightness is inverted; on grey pictures contrast * l remains.
    """
    count, channels = images.shape[:2]
    place = {"device": images.device}
    drawn = torch.rand(5, count, 1, 1, **place) < p
    brightens, contrasts, inverts, turns, saturates = drawn
    brightness = torch.where(brightens, _normal(count, BRIGHTNESS, images), 0.0)
    contrast = torch.where(contrasts, torch.exp(_normal(count, LN_CONTRAST, images)), 1.0)
    lightness = torch.where(inverts, 1.0 - 2 * torch.randint(2, (count, 1, 1), **place), 1.0)
    hue = torch.where(turns, _uniform(count, math.pi, images), 0.0)
    saturation = torch.where(saturates, torch.exp(_normal(count, LN_SATURATION, images)), 1.0)

    identity = torch.eye(channels, **place)
    along_grey = torch.full((channels, channels), 1 / channels, **place)
    across_grey = identity - along_grey
    cross = (identity.roll(1, 0) - identity.roll(1, 1)) / math.sqrt(channels)
    chroma = saturation * (torch.cos(hue) * across_grey + torch.sin(hue) * cross)
    matrix = contrast * (lightness * along_grey + chroma)
    return matrix, brightness[:, None], drawn.any(dim=0)[:, None]


def bilinear(pictures: Tensor, columns: Tensor, rows: Tensor) -> Tensor:
    """Pictures (N, C, H, W) at places (N, h, w) within [0, W - 1] x [0, H - 1], px, between the four pixels around.

    Gathers, not grid_sample, whose second derivative exists only in late versions of torch: gradient penalties need it.
    """
    height, width = pictures.shape[2:]
    left, top = columns.floor(), rows.floor()
    across, down = (columns - left)[:, None], (rows - top)[:, None]
    left, top = left.long(), top.long()
    right, bottom = (left + 1).clamp(max=width - 1), (top + 1).clamp(max=height - 1)
    upper = pixels_at(pictures, top, left) * (1 - across) + pixels_at(pictures, top, right) * across
    lower = pixels_at(pictures, bottom, left) * (1 - across) + pixels_at(pictures, bottom, right) * across
    return upper * (1 - down) + lower * down


def folded(places: Tensor, side: int) -> Tensor:
    """Places reflected into [0, side - 1] at the centres of the outermost pixels, px; side >= 2."""
    last = side - 1
    return last - (places.remainder(2 * last) - last).abs()


def _uniform(count: int, most: float, like: Tensor) -> Tensor:
    """(count, 1, 1), from -most to most."""
    return (torch.rand(count, 1, 1, device=like.device) * 2 - 1) * most


def _normal(count: int, deviation: float, like: Tensor) -> Tensor:
    return torch.randn(count, 1, 1, device=like.device) * deviation
