"""What lenses, sensors and files do to a picture: blur, noise and JPEG, each picture of a batch with its own draws.

All of it on (N, C, H, W) in [0, 1], on the batch's device, random through torch's global state alone.
"""

from __future__ import annotations

import math

import torch
from kornia.enhance import jpeg_codec_differentiable
from torch import Tensor
from torch.nn.functional import conv2d, pad

BEST_JPEG = 95.0
"""Highest JPEG quality."""
MOST_PHOTONS = 20.0
"""The most photons, as a multiple of the fewest."""
SHARPEST = 0.15
"""The smallest blur, as a share of the largest."""


def blurred(pictures: Tensor, most: float) -> Tensor:
    """Gaussian blur, isotropic for half of the pictures, else with an axis of its own at any angle.

    most: largest standard deviation, px; each axis has from 0.15 most to most.
    """
    along, across = (uniform(pictures, SHARPEST * most, most) for _ in range(2))
    across = torch.where(happens(pictures, 0.5), along, across)
    kernels = gaussians(along, across, uniform(pictures, 0, math.pi), radius=math.ceil(3 * most))
    return filtered(pictures, kernels)


def gaussians(along: Tensor, across: Tensor, angle: Tensor, radius: int) -> Tensor:
    """Kernels (N, 1, 2 radius + 1, 2 radius + 1) of sum 1; along, across: standard deviations (N, 1, 1, 1), px."""
    places = torch.arange(-radius, radius + 1, device=along.device)
    x, y = places, places[:, None]
    u = (torch.cos(angle) * x + torch.sin(angle) * y) / along
    v = (torch.cos(angle) * y - torch.sin(angle) * x) / across
    kernels = torch.exp(-(u * u + v * v) / 2)
    return kernels / kernels.sum((2, 3), keepdim=True)


def filtered(pictures: Tensor, kernels: Tensor) -> Tensor:
    """Each picture (N, C, H, W) with its own kernel (N, 1, k, k); the outermost pixels go on beyond the border."""
    count, channels, *_ = pictures.shape
    margin = kernels.shape[-1] // 2
    planes = pad(pictures, [margin] * 4, mode="replicate").flatten(0, 1)[None]
    weights = kernels.repeat_interleave(channels, 0)
    return conv2d(planes, weights, groups=count * channels)[0].unflatten(0, (count, channels))


def noisy(pictures: Tensor, most: float, fewest: float, grey: float) -> Tensor:
    """Gaussian noise on half of the pictures, Poisson noise on the others.

    most: largest standard deviation of the Gaussian noise, of the range [0, 1]; each picture has from 0 to most.
    fewest: photons of white at the most Poisson noise; each picture has up to twenty times as many, log-uniformly.
    grey: share of the pictures whose noise is the same in all channels.
    """
    same = happens(pictures, grey)
    read = torch.randn_like(pictures)
    read = torch.where(same, read[:, :1], read) * uniform(pictures, 0, most)
    photons = fewest * torch.exp(uniform(pictures, 0, math.log(MOST_PHOTONS)))
    light = torch.where(same, pictures.mean(1, keepdim=True), pictures)
    shot = torch.poisson(light * photons) / photons - light
    shot = torch.where(same, shot[:, :1], shot)
    return pictures + torch.where(happens(pictures, 0.5), read, shot)


def compressed(pictures: Tensor, worst: float) -> Tensor:
    """JPEG artefacts, each picture with its own quality from `worst` to 95."""
    quality = uniform(pictures, worst, BEST_JPEG).flatten()
    coded: Tensor = jpeg_codec_differentiable(pictures.expand(-1, 3, -1, -1), quality)
    return coded[:, : pictures.shape[1]]


def happens(pictures: Tensor, share: float) -> Tensor:
    """(N, 1, 1, 1): true for each picture with probability `share`."""
    return uniform(pictures, 0, 1) < share


def uniform(pictures: Tensor, low: float, high: float) -> Tensor:
    """(N, 1, 1, 1): a number from low to high for each picture."""
    return low + (high - low) * torch.rand(len(pictures), 1, 1, 1, device=pictures.device)
