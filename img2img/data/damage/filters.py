"""Filters that cameras and programs put over a picture: blur, sharpening and the ringing of a sharp cut-off.

All of it on (N, C, H, W) in [0, 1], a kernel for each picture, on the batch's device.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from .draws import happens, uniform

NARROWEST = 0.15
"""The smaller axis of a blur, at least, as a share of the larger one."""
SMALLEST_RADIUS = 0.5
"""Smallest radius of a sharpening, px."""
RINGS = 10
"""Radius of a sinc kernel, px; as in arXiv:2107.10833."""
FAST = 16
"""Transforms have a multiple of it as side: fast, and few kinds for a GPU to plan."""


def blurred(pictures: Tensor, amount: Tensor, most: float) -> Tensor:
    """Gaussian blur, isotropic for half of the pictures, else narrower across an axis at any angle.

    amount: (N, 1, 1, 1) in [0, 1], the standard deviation along the axis as a share of `most`, px.
    """
    along = amount * most
    narrow = torch.where(happens(pictures, 0.5), 1.0, uniform(pictures, NARROWEST, 1))
    kernels = gaussians(along, along * narrow, uniform(pictures, 0, math.pi), radius=math.ceil(3 * most))
    return filtered(pictures, kernels)


def sharpened(pictures: Tensor, amount: Tensor, most: float, widest: float) -> Tensor:
    """Unsharp mask: what a blur takes away is added once more, which leaves halos along edges. Not clamped.

    amount: (N, 1, 1, 1) in [0, 1], how much is added as a share of `most`.
    widest: largest standard deviation of that blur, px, drawn from 0.5.
    """
    radius = uniform(pictures, min(SMALLEST_RADIUS, widest), widest)
    blurs = gaussians(radius, radius, torch.zeros_like(radius), radius=math.ceil(3 * widest))
    return pictures + amount * most * (pictures - filtered(pictures, blurs))


def ringing(pictures: Tensor, amount: Tensor, lowest: float) -> Tensor:
    """A low pass with a sharp cut-off, which leaves rings beside edges. Not clamped.

    amount: (N, 1, 1, 1) in [0, 1]; the cut-off goes from the highest frequency that a picture holds down to the share
    `lowest` of it.
    """
    return filtered(pictures, sincs(math.pi * (1 - (1 - lowest) * amount), RINGS))


def gaussians(along: Tensor, across: Tensor, angle: Tensor, radius: int) -> Tensor:
    """Kernels (N, 1, 2 radius + 1, 2 radius + 1) of sum 1; along, across: standard deviations (N, 1, 1, 1), px."""
    x, y = _places(radius, along)
    u = (torch.cos(angle) * x + torch.sin(angle) * y) / along.clamp(min=0.01)  # no blur at all is one point
    v = (torch.cos(angle) * y - torch.sin(angle) * x) / across.clamp(min=0.01)
    return _of_sum_one(torch.exp(-(u * u + v * v) / 2))


def sincs(cutoff: Tensor, radius: int) -> Tensor:
    """Kernels (N, 1, 2 radius + 1, 2 radius + 1) of sum 1, the circular low pass of arXiv:2107.10833, equation 6.

    cutoff: (N, 1, 1, 1), radians per px, up to pi; c J1(c r) / (2 pi r) at the distance r.
    """
    x, y = _places(radius, cutoff)
    distance = (x * x + y * y).sqrt().clamp(min=1e-3)
    return _of_sum_one(cutoff * torch.special.bessel_j1(cutoff * distance) / (2 * math.pi * distance))


def filtered(pictures: Tensor, kernels: Tensor) -> Tensor:
    """Pictures (N, C, H, W) convolved, each with its own kernel (N, 1, k, k); the outermost pixels go on outside."""
    height, width = pictures.shape[2:]
    margin = kernels.shape[-1] // 2
    wide = pad(pictures, [margin] * 4, mode="replicate")
    return convolved_circularly(wide, kernels)[..., margin : margin + height, margin : margin + width]


def convolved_circularly(pictures: Tensor, kernels: Tensor) -> Tensor:
    """`filtered`, k odd, but pixels that leave at one side come in at the opposite one.

    By Fourier transforms: a kernel of 49 x 49 px takes no longer than one of 3 x 3. Before, the picture is padded with
    black to a multiple of 16 px, or to the kernel's size where that is larger.
    """
    size = [transform_side(side, kernels) for side in pictures.shape[2:]]
    spectrum = torch.fft.rfft2(pictures, s=size) * torch.fft.rfft2(kernels, s=size)
    moved = torch.fft.irfft2(spectrum, s=size)
    middle = kernels.shape[-1] // 2
    return moved.roll((-middle, -middle), (2, 3))[..., : pictures.shape[2], : pictures.shape[3]]


def transform_side(side: int, kernels: Tensor) -> int:
    """The side of the circle, px, that `convolved_circularly` takes for a picture's side."""
    return -(-max(side, kernels.shape[-1]) // FAST) * FAST


def _places(radius: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Distances from a kernel's middle to the right (k) and down (k, 1), px."""
    places = torch.arange(-radius, radius + 1, device=like.device, dtype=like.dtype)
    return places, places[:, None]


def _of_sum_one(kernels: Tensor) -> Tensor:
    return kernels / kernels.sum((2, 3), keepdim=True)
