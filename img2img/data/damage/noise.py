"""Noise of sensors and films: pixel by pixel, in grains, and in blotches of colour.

All of it on (N, C, H, W) in [0, 1], on the batch's device. `amount` (N, 1, 1, 1) in [0, 1] is what each picture has of
the most. Nothing is clamped.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .draws import happens, uniform
from .filters import convolved_circularly, gaussians, transform_side

WIDTH = 2.355
"""Width of a Gaussian at half its height, in standard deviations: how large a grain looks."""


def noisy(pictures: Tensor, amount: Tensor, most: float, fewest: float, grey: float) -> Tensor:
    """Gaussian noise on half of the pictures, shot noise on the others; neighbours are independent.

    most: largest standard deviation of the Gaussian noise, of the range [0, 1].
    fewest: photons of white at the most shot noise; its variance is light / photons, as Poisson's, but its form is
    Gaussian, which is twelve times faster to draw (0.8 against 9.3 ms for 8 pictures of 96 px).
    grey: share of the pictures whose noise is the same in all channels.
    """
    same = happens(pictures, grey)
    white = torch.randn_like(pictures)
    white = torch.where(same, white[:, :1], white)
    light = torch.where(same, pictures.mean(1, keepdim=True), pictures)
    deviation = torch.where(happens(pictures, 0.5), most, (light / fewest).sqrt())
    return pictures + amount * deviation * white


def grainy(pictures: Tensor, amount: Tensor, most: float, largest: float) -> Tensor:
    """Grains, the same in all channels. most: largest standard deviation; largest: width of a grain, px, from 1."""
    return pictures + amount * most * correlated(pictures, 1, _widths(pictures, largest), largest)


def blotchy(pictures: Tensor, amount: Tensor, most: float, largest: float) -> Tensor:
    """Blotches of colour that leave the luma as it is; a grey picture stays as it is.

    most: largest standard deviation of Cb and Cr; largest: width of a blotch, px, from 1.
    """
    if pictures.shape[1] == 1:
        return pictures
    blue, red = (amount * most * correlated(pictures, 2, _widths(pictures, largest), largest)).chunk(2, 1)
    return pictures + torch.cat([1.402 * red, -0.344136 * blue - 0.714136 * red, 1.772 * blue], 1)  # BT.601


def correlated(pictures: Tensor, channels: int, widths: Tensor, largest: float) -> Tensor:
    """Noise (N, channels, H, W) of mean 0 and variance 1 whose neighbours are alike: white noise, blurred.

    widths: (N, 1, 1, 1), of a grain at half its height, px; largest: what none of them exceeds, known on the CPU.
    """
    deviations = widths / WIDTH
    kernels = gaussians(deviations, deviations, torch.zeros_like(deviations), radius=math.ceil(3 * largest / WIDTH))
    kernels = kernels / kernels.square().sum((2, 3), keepdim=True).sqrt()
    height, width = (transform_side(side, kernels) for side in pictures.shape[2:])
    white = torch.randn(len(pictures), channels, height, width, device=pictures.device)
    return convolved_circularly(white, kernels)[..., : pictures.shape[2], : pictures.shape[3]]


def _widths(pictures: Tensor, largest: float) -> Tensor:
    return uniform(pictures, min(1.0, largest), largest)
