"""The transformations of adaptive discriminator augmentation (arXiv:2006.06676, appendix B), each with probability p.

Of the paper's pipeline: pixel blitting, isotropic geometry, and all of colour. Left out: anisotropic scaling,
fractional translation, and the filters, noise and cutout that the paper found to add little. Interpolation is plain
bilinear, where the paper filters with wavelets.

One affine map and one colour matrix for each picture: a GPU takes as long over a number of each picture as over a
small picture, so that all numbers are drawn, and become matrices, together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from .reading import Reading

REACH = 0.125
"""Largest integer translation, as a share of the side."""
SCALE = 0.2 * math.log(2)
CONTRAST = 0.5 * math.log(2)
SATURATION = 1.0 * math.log(2)
"""Standard deviations of the logarithms of factors."""
BRIGHTNESS = 0.2
"""Standard deviation of what is added."""
DECIMALS = 6
"""Of cosines: so rounded, a quarter turn is one of whole pixels; 256 px away a place is off by 0.0001 px."""


def adaptive(images: Tensor, others: Sequence[Tensor], p: Tensor) -> tuple[Tensor, ...]:
    """One movement of each picture on `images` and `others` alike; colour on `images` alone. p = 0: identity, exactly.

    images, others: (N, C, H, W) in [-1, 1], random through torch's global state; p: () in [0, 1].
    Returns: (images, *others), shapes kept; colours may leave [-1, 1].
    """
    height, width = images.shape[2:]
    numbers = drawn(len(images), height, width, p)
    reading = Reading.at(places(numbers, height, width), height, width)
    images, *rest = (reading.of(pictures) for pictures in (images, *others))
    if images.shape[1] in (1, 3):
        matrix, offset = (part.to(images.dtype) for part in colours(numbers, images.shape[1]))
        images = torch.baddbmm(offset, matrix, images.flatten(2)).view(images.shape)
    return images, *rest


@dataclass(frozen=True)
class Numbers:
    """What each picture is changed by, (N,) each, or (2, N) of two; what does not happen changes nothing.

    rotation, hue: cosine and sine. shift: whole px across and down. mirror, lightness: 1 or -1. brightness is added;
    the rest are factors.
    """

    rotation: Tensor
    scale: Tensor
    mirror: Tensor
    shift: Tensor
    hue: Tensor
    contrast: Tensor
    saturation: Tensor
    brightness: Tensor
    lightness: Tensor


def drawn(count: int, height: int, width: int, p: Tensor) -> Numbers:
    """Each of eleven transformations happens with probability p, for each picture.

    The paper rotates before and after an anisotropic scaling, with 1 - sqrt(1 - p) each; without that scaling both are
    one rotation with probability p.
    """
    device = p.device
    happens = torch.rand(11, count, device=device) < p
    normal = torch.randn(4, count, device=device) * happens[:4]
    normal = normal * _column((SCALE, CONTRAST, SATURATION, BRIGHTNESS), device)
    even = torch.empty(7, count, device=device).uniform_(-1, 1) * happens[4:]
    even = even * _column((REACH * width, REACH * height, 2.0, math.pi, math.pi, 1.0, 1.0), device)
    whole = even[:3].round()  # two halves and three wholes of four quarter turns: each as likely
    angle = torch.add(even[3], whole[2], alpha=math.pi / 2)
    turns = torch.stack([angle, even[4]])[:, None] - _column((0.0, math.pi / 2), device)
    rotation, hue = turns.cos().round(decimals=DECIMALS)
    mirror, lightness = torch.add(_column((1.0,), device), even[5:] < 0, alpha=-2)
    scale, contrast, saturation, _ = normal.exp()
    return Numbers(rotation, scale, mirror, whole[:2], hue, contrast, saturation, normal[3], lightness)


def places(numbers: Numbers, height: int, width: int) -> Tensor:
    """x and y (N, 2, H W), px, at which each picture is read: turned, scaled and mirrored about its middle, shifted."""
    device = numbers.mirror.device
    cosine, sine = numbers.rotation / numbers.scale
    x_to_x, x_to_y = torch.stack([cosine, sine]) * numbers.mirror
    shift_x, shift_y = _column(((width - 1) / 2, (height - 1) / 2), device) - numbers.shift
    matrices = torch.stack([x_to_x, -sine, shift_x, x_to_y, cosine, shift_y], dim=1)
    return matrices.view(-1, 2, 3) @ _from_middle(height, width, device)


def colours(numbers: Numbers, channels: int) -> tuple[Tensor, Tensor]:
    """A matrix (N, C, C) and an offset (N, 1, 1) for the colours of each picture.

    matrix = contrast (l v v^T + saturation (cos h (I - v v^T) + sin h [v]x)), with v the unit vector along grey, h the
    rotation of hue about it, and l = -1 where lightness is inverted; on grey pictures contrast * l remains.
    """
    straight, across = numbers.hue * (numbers.contrast * numbers.saturation)
    along_grey = numbers.contrast * numbers.lightness - straight
    parts = torch.stack([straight, along_grey, across], dim=1) @ _colour_parts(channels, numbers.hue.device)
    return parts.view(-1, channels, channels), numbers.brightness[:, None, None]


@lru_cache
def _column(values: tuple[float, ...], device: torch.device) -> Tensor:
    """(values, 1); kept, as a copy from the CPU waits for what the device has yet to do."""
    with torch.inference_mode(False):
        return torch.tensor(values, device=device)[:, None]


@lru_cache(maxsize=8)
def _from_middle(height: int, width: int, device: torch.device) -> Tensor:
    """(3, H W): each pixel's x and y from the middle, px, and 1."""
    with torch.inference_mode(False):
        x = torch.arange(width, device=device) - (width - 1) / 2
        y = torch.arange(height, device=device) - (height - 1) / 2
        down, across = torch.meshgrid(y, x, indexing="ij")
        return torch.stack([across, down, torch.ones_like(down)]).flatten(1)


@lru_cache
def _colour_parts(channels: int, device: torch.device) -> Tensor:
    """(3, C C): the identity, v v^T and [v]x of `colours`."""
    with torch.inference_mode(False):
        identity = torch.eye(channels, device=device)
        along_grey = torch.full_like(identity, 1 / channels)
        cross = (identity.roll(1, 0) - identity.roll(1, 1)) / math.sqrt(channels)
        return torch.stack([identity, along_grey, cross]).flatten(1)
