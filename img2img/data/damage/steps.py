"""Damage of the input side of a translation: blur, noise, JPEG and erasing, each on a share of the pictures.

Drawn on the batch's device and chosen by `torch.where`, so that no step waits for it: kornia's steps index by booleans
and ask the device for values. All on (N, C, H, W) in [0, 1].
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from .draws import happens, uniform
from .filters import filtered, gaussians
from .jpeg import compressed

NOISE = 0.05
"""Largest standard deviation of sensor noise, of the range [0, 1]."""
NARROWEST, WIDEST = 0.1, 2.0
"""Standard deviation of a blur, px."""
WORST, BEST = 30.0, 95.0
"""JPEG qualities."""
ERASED = (0.02, 0.33)
"""Share of the area that is erased (arXiv:1708.04896, section 4.1)."""
ASPECT = 3.3
"""Largest ratio of its sides."""


class Blur(nn.Module):
    """Gaussian blur."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, pictures: Tensor) -> Tensor:
        width = uniform(pictures, NARROWEST, WIDEST)
        kernels = gaussians(width, width, torch.zeros_like(width), radius=math.ceil(3 * WIDEST))
        return torch.where(happens(pictures, self.share), filtered(pictures, kernels), pictures)


class SensorNoise(nn.Module):
    """Gaussian noise, each picture's with its own standard deviation from 0 to `most`; it may lead out of [0, 1]."""

    def __init__(self, share: float, most: float = NOISE) -> None:
        super().__init__()
        self.share = share
        self.most = most

    def forward(self, pictures: Tensor) -> Tensor:
        strength = uniform(pictures, 0, self.most) * happens(pictures, self.share)
        return pictures + strength * torch.randn_like(pictures)


class Jpeg(nn.Module):
    """JPEG with halved colours."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, pictures: Tensor) -> Tensor:
        coded = compressed(pictures.clamp(0, 1), uniform(pictures, WORST, BEST), halved=True)
        return torch.where(happens(pictures, self.share), coded, pictures)


class Erase(nn.Module):
    """A rectangle becomes mid grey, the networks' zero."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, pictures: Tensor) -> Tensor:
        height, width = pictures.shape[2:]
        area = uniform(pictures, *ERASED) * (height * width)
        aspect = uniform(pictures, -math.log(ASPECT), math.log(ASPECT)).exp()
        down, across = ((area * part).sqrt().round() for part in (aspect, 1 / aspect))
        down, across = down.clamp(1, height), across.clamp(1, width)
        top = (uniform(pictures, 0, 1) * (height - down + 1)).floor()
        left = (uniform(pictures, 0, 1) * (width - across + 1)).floor()
        rows = torch.arange(height, device=pictures.device)[:, None]
        columns = torch.arange(width, device=pictures.device)
        inside = (rows >= top) & (rows < top + down) & (columns >= left) & (columns < left + across)
        return torch.where(inside & happens(pictures, self.share), 0.5, pictures)
