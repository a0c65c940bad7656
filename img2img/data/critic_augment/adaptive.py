"""The transformations of adaptive discriminator augmentation (arXiv:2006.06676, appendix B), each with probability p.

Of the paper's pipeline: pixel blitting, isotropic geometry, and all of colour. Left out: anisotropic scaling,
fractional translation, and the filters, noise and cutout that the paper found to add little. Interpolation is plain
bilinear, where the paper filters with wavelets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from img2img.data.crop import pixels_at

REACH = 0.125
"""Largest integer translation, as a share of the side."""
SCALE = 0.2 * math.log(2)
CONTRAST = 0.5 * math.log(2)
SATURATION = 1.0 * math.log(2)
"""Standard deviations of the logarithms of factors."""
BRIGHTNESS = 0.2
"""Standard deviation of what is added."""


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
    chance = Chance(images, p)
    mirror = chance.sign()
    quarters = chance.integer(4)
    across = chance.uniform(REACH * images.shape[3]).round()
    down = chance.uniform(REACH * images.shape[2]).round()
    scale = chance.normal(SCALE).exp()
    angle = chance.uniform(math.pi)

    # Quarter turns by rounded cosines, which are whole numbers, so that they and mirrors are free of interpolation.
    c, s = torch.cos(quarters * (math.pi / 2)).round(), torch.sin(quarters * (math.pi / 2)).round()
    cosine = (torch.cos(angle) * c - torch.sin(angle) * s) / scale
    sine = (torch.sin(angle) * c + torch.cos(angle) * s) / scale
    middle_x, middle_y = (images.shape[3] - 1) / 2, (images.shape[2] - 1) / 2
    x = mirror * (torch.arange(images.shape[3], device=images.device) - middle_x)
    y = (torch.arange(images.shape[2], device=images.device) - middle_y)[:, None]
    columns = cosine * x - sine * y + middle_x - across
    rows = sine * x + cosine * y + middle_y - down
    return folded(columns, images.shape[3]), folded(rows, images.shape[2]), chance.happened


def random_colour(images: Tensor, p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """A matrix (N, C, C) and an offset (N, 1, 1, 1) for the colours of each picture; (N, 1, 1, 1): whether they change.

    matrix = contrast (l v v^T + saturation (cos h (I - v v^T) + sin h [v]x)), with v the unit vector along grey, h the
    rotation of hue about it, and l = -1 where lightness is inverted; on grey pictures contrast * l remains.
    """
    chance = Chance(images, p)
    brightness = chance.normal(BRIGHTNESS)
    contrast = chance.normal(CONTRAST).exp()
    lightness = chance.sign()
    hue = chance.uniform(math.pi)
    saturation = chance.normal(SATURATION).exp()

    channels = images.shape[1]
    identity = torch.eye(channels, device=images.device)
    along_grey = torch.full_like(identity, 1 / channels)
    cross = (identity.roll(1, 0) - identity.roll(1, 1)) / math.sqrt(channels)
    chroma = torch.cos(hue) * (identity - along_grey) + torch.sin(hue) * cross
    matrix = contrast * (lightness * along_grey + saturation * chroma)
    return matrix, brightness[:, None], chance.happened


class Chance:
    """One number for each picture, (N, 1, 1): drawn with probability p, else the one that changes nothing."""

    def __init__(self, images: Tensor, p: Tensor) -> None:
        self._shape = (len(images), 1, 1)
        self._device = images.device
        self._p = p
        self._any = torch.zeros(self._shape, dtype=torch.bool, device=self._device)

    @property
    def happened(self) -> Tensor:
        """(N, 1, 1, 1): whether anything was drawn."""
        return self._any[:, None]

    def uniform(self, most: float) -> Tensor:
        """From -most to most, else 0."""
        return self._where((torch.rand(self._shape, device=self._device) * 2 - 1) * most)

    def normal(self, deviation: float) -> Tensor:
        """N(0, deviation), else 0."""
        return self._where(torch.randn(self._shape, device=self._device) * deviation)

    def integer(self, below: int) -> Tensor:
        """0 ... below - 1, else 0."""
        return self._where(torch.randint(below, self._shape, device=self._device))

    def sign(self) -> Tensor:
        """-1 or 1, else 1."""
        return 1.0 - 2 * self.integer(2)

    def _where(self, drawn: Tensor) -> Tensor:
        happens = torch.rand(self._shape, device=self._device) < self._p
        self._any = self._any | happens
        return torch.where(happens, drawn, 0)


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
