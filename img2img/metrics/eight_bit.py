"""From pictures to the numbers that PSNR and SSIM compare: 8-bit levels, of RGB or of luma, without their border."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from img2img.config.base import Refusal

Channels = Literal["y", "rgb"]
"""y: BT.601 luma in studio range, as MATLAB's rgb2ycbcr, not rounded. rgb: the channels as they are."""

PEAK = 255.0
"""The range L of PSNR and SSIM, for studio-range luma as well: that is what papers do."""

_LUMA = (65.481, 128.553, 24.966)
"""Levels of luma that full red, green and blue add to 16 (BT.601)."""


def comparable(images: Tensor, reference: Tensor, channels: Channels, border: int) -> tuple[Tensor, Tensor]:
    """Two batches as levels on the CPU, after rounding to 8 bits as a file would, `border` px cut off at each side.

    images, reference: (N, C, H, W) or (C, H, W) in [-1, 1], C 1 or 3; grey meets colour as three equal channels.
    Returns: two of (N, 1 or 3, H - 2 border, W - 2 border) float64 in [0, 255].
    Raises: Refusal for sizes that differ or leave nothing within the border.
    """
    if images.shape[-2:] != reference.shape[-2:] or images.dim() != reference.dim():
        raise Refusal(f"pictures of {_size(images)} and {_size(reference)} cannot be compared")
    if min(images.shape[-2:]) <= 2 * border:
        raise Refusal(f"a picture of {_size(images)} has nothing within a border of {border} px")
    one, other = levels(images, channels), levels(reference, channels)
    if one.shape[1] != other.shape[1]:
        one, other = (both.expand(-1, 3, -1, -1) for both in (one, other))
    return without_border(one, border), without_border(other, border)


def levels(images: Tensor, channels: Channels) -> Tensor:
    """(N, C, H, W) or (C, H, W) in [-1, 1] -> (N, C or 1, H, W) float64 in [0, 255]."""
    batch = images.detach().to("cpu", torch.float64)
    batch = batch if batch.dim() == 4 else batch[None]
    whole = ((batch + 1) * 127.5 + 0.5).floor().clamp(0, PEAK)
    if channels == "rgb":
        return whole
    weights = torch.tensor(_LUMA, dtype=torch.float64).view(3, 1, 1) / PEAK
    return 16 + (whole * weights).sum(1, keepdim=True)  # grey stands for three equal channels


def without_border(images: Tensor, border: int) -> Tensor:
    """Pictures without their outermost `border` px."""
    return images[..., border : images.shape[-2] - border, border : images.shape[-1] - border]


def _size(images: Tensor) -> str:
    return f"{images.shape[-1]}x{images.shape[-2]}"
