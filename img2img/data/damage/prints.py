"""What years do to a print: dust, hairs, scratches, and colours that fade.

All of it on (N, C, H, W) in [0, 1], on the batch's device; nothing leaves that range. `amount` is (N, 1, 1, 1) in
[0, 1].
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .draws import happens, uniform
from .filters import filtered, gaussians

MOST_DUST = 0.002
"""Largest share of the pixels that a speck lies around: five of 48 x 48."""
WIDEST_SPECK = 1.0
"""Largest standard deviation of a speck, px; drawn from 0.4."""
HAIRS = 3
"""Hairs and scratches of a picture, at most."""
FAINTEST = 0.4
"""Least share of the light that a hair hides."""
TINT = 0.3
"""How much of the fading differs from channel to channel."""


def dusty(pictures: Tensor, amount: Tensor) -> Tensor:
    """Specks, nearly white on half of the pictures, nearly black on the others. amount: how many, of the most."""
    count, _, height, width = pictures.shape
    drawn = torch.rand(2, count, 1, height, width, device=pictures.device)
    heights = (drawn[0] < MOST_DUST * amount) * (0.4 + 2 * drawn[1])  # clamped below: some faint, some broad
    size = uniform(pictures, 0.4, WIDEST_SPECK)
    shapes = gaussians(size, size, torch.zeros_like(size), radius=math.ceil(3 * WIDEST_SPECK))
    shapes = shapes / shapes.amax((2, 3), keepdim=True)
    return _covered(pictures, filtered(heights, shapes).clamp(0, 1))


def hairy(pictures: Tensor, amount: Tensor) -> Tensor:
    """Up to three arcs, thin and of a picture's length at most, straight ones among them: hairs and scratches.

    amount: the probability of each arc.
    """
    count, _, height, width = pictures.shape
    drawn = torch.rand(6, count, HAIRS, 1, 1, device=pictures.device)
    across = torch.arange(width, device=pictures.device) - drawn[0] * width
    down = torch.arange(height, device=pictures.device)[:, None] - drawn[1] * height
    turned, half = 2 * math.pi * drawn[2], max(height, width) * (0.05 + 0.45 * drawn[4])
    radius = half * torch.exp(4 * drawn[3])  # from a half moon to nearly straight
    from_arc = (across - radius * turned.cos()).hypot(down - radius * turned.sin()) - radius
    thickness = 0.3 + 0.4 * drawn[5]
    lines = torch.exp(-((from_arc / thickness) ** 2) / 2) * (across.hypot(down) < half)
    there = torch.rand(count, HAIRS, 1, 1, device=pictures.device) < amount
    return _covered(pictures, (lines * there).amax(1, keepdim=True) * uniform(pictures, FAINTEST, 1))


def faded(pictures: Tensor, share: float, most: float) -> Tensor:
    """Black risen and white fallen for the share of the pictures, each channel by amounts of its own.

    A straight line for each channel, which is no damage to be undone: both sides of a pair get the same.
    pictures: in [-1, 1], where training pictures are. most: by how much at most, of the range; below 0.5.
    """
    black, white = (_faded_by(pictures, most) for _ in range(2))
    return torch.where(happens(pictures, share), (1 - white - black) * pictures + black - white, pictures)


def _faded_by(pictures: Tensor, most: float) -> Tensor:
    """(N, C, 1, 1)."""
    own = torch.rand(*pictures.shape[:2], 1, 1, device=pictures.device)
    return uniform(pictures, 0, most) * (1 - TINT * own)


def _covered(pictures: Tensor, cover: Tensor) -> Tensor:
    """cover: (N, 1, H, W) in [0, 1], how much of the picture is hidden by white or black, with its own for each."""
    tone = torch.where(happens(pictures, 0.5), uniform(pictures, 0.75, 1), uniform(pictures, 0, 0.25))
    return pictures + cover * (tone - pictures)
