"""Resampling by two with the binomial filter [1, 3, 3, 1] / 8, which leaves no aliases (arXiv:1904.11486)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import conv2d, interpolate


def blurred(image: Tensor, padding: int, stride: int = 1) -> Tensor:
    """(N, C, H, W) -> (N, C, (H + 2 * padding - 4) // stride + 1, ...); zeros lie beyond the borders."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=image.dtype, device=image.device) / 8
    channels = image.shape[1]
    kernel = (taps[:, None] * taps).expand(channels, 1, 4, 4)
    return conv2d(image, kernel, stride=stride, padding=padding, groups=channels)


def halved(image: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, C, H / 2, W / 2)."""
    return blurred(image, padding=1, stride=2)


def doubled(image: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, C, 2H, 2W). Inside, bilinear enlargement by 2 is this filter between inserted zeros."""
    return interpolate(image, scale_factor=2.0, mode="bilinear", align_corners=False)
