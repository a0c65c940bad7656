"""Structural similarity (Wang et al. 2004), as the authors' first MATLAB code has it: no downsampling beforehand."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import conv2d

from img2img.config.base import Refusal

from .eight_bit import PEAK, Channels, comparable

WINDOW = 11
"""Side of the Gaussian window, px."""
SIGMA = 1.5
"""Its standard deviation, px."""
C1, C2 = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2


def ssim(images: Tensor, reference: Tensor, *, channels: Channels = "y", border: int = 0) -> Tensor:
    """Mean of SSIM (equation 13 of the paper) over all places of an 11 x 11 Gaussian window that lie in the picture.

    images, reference: (N, C, H, W) or (C, H, W) in [-1, 1], C 1 or 3, rounded to 8 bits. channels: y for BT.601 luma,
    or rgb, whose three values are averaged. border: px left out at each side; the scale, in super-resolution.
    Returns: (N,) or () float64, at most 1.
    Raises: Refusal for sizes that differ, or that have no room for the window.
    """
    similarity = ssim_map(images, reference, channels=channels, border=border).mean((1, 2, 3))
    return similarity if images.dim() == 4 else similarity[0]


def ssim_map(images: Tensor, reference: Tensor, *, channels: Channels = "y", border: int = 0) -> Tensor:
    """SSIM at each place of the window, (N, 1 or 3, H - 2 border - 10, W - 2 border - 10) float64; else as `ssim`."""
    one, other = comparable(images, reference, channels, border)
    if min(one.shape[-2:]) < WINDOW:
        size = f"{one.shape[-1]}x{one.shape[-2]}"
        raise Refusal(f"SSIM needs {WINDOW} px within the border, a picture has {size} there")
    mean_one, mean_other = smoothed(one), smoothed(other)
    variance_one = smoothed(one * one) - mean_one**2
    variance_other = smoothed(other * other) - mean_other**2
    covariance = smoothed(one * other) - mean_one * mean_other
    luminance = (2 * mean_one * mean_other + C1) / (mean_one**2 + mean_other**2 + C1)
    structure = (2 * covariance + C2) / (variance_one + variance_other + C2)
    return luminance * structure


def smoothed(levels: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, C, H - 10, W - 10), weighted means in the Gaussian window; rows, then columns."""
    places = torch.arange(WINDOW, dtype=levels.dtype) - WINDOW // 2
    weights = torch.exp(-(places**2) / (2 * SIGMA**2))
    weights /= weights.sum()
    planes = levels.flatten(0, 1)[:, None]
    planes = conv2d(conv2d(planes, weights.view(1, 1, -1, 1)), weights.view(1, 1, 1, -1))
    return planes[:, 0].unflatten(0, levels.shape[:2])
