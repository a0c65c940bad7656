"""Resampling by two with the binomial filter [1, 3, 3, 1] / 8, which leaves no aliases (arXiv:1904.11486)."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv2d, interpolate, pad


def blurred(image: Tensor, padding: int, stride: int = 1) -> Tensor:
    """(N, C, H, W) -> (N, C, (H + 2 * padding - 4) // stride + 1, ...); zeros lie beyond the borders."""
    channels = image.shape[1]
    kernel = _kernel(image.dtype, image.device).expand(channels, 1, 4, 4)
    return conv2d(image, kernel, stride=stride, padding=padding, groups=channels)


@lru_cache
def _kernel(dtype: torch.dtype, device: torch.device) -> Tensor:
    """(4, 4); kept, as a copy from the CPU waits for what the device has yet to do."""
    with torch.inference_mode(False):  # else it could not be used in training, where it was first made for sampling
        taps = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=dtype, device=device) / 8
        return taps[:, None] * taps


def halved(image: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, C, H / 2, W / 2)."""
    return blurred(image, padding=1, stride=2)


def doubled(image: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, C, 2H, 2W). Inside, bilinear enlargement by 2 is this filter between inserted zeros."""
    return interpolate(image, scale_factor=2.0, mode="bilinear", align_corners=False)


def mean_halved(image: Tensor) -> Tensor:
    """Means of 3x3 px at stride 2, of those that lie in the picture: (N, C, H, W) -> (N, C, ceil(H / 2), ...)."""
    return avg_pool2d(image, 3, stride=2, padding=1, count_include_pad=False)


class BlurPool(nn.Module):
    """Halves with [1, 2, 1] / 4 and reflected borders (arXiv:1904.11486, section 3.2, triangle-3).

    (N, C, H, W) -> (N, C, ceil(H / 2), ceil(W / 2)); H and W at least 2 px.
    """

    def forward(self, image: Tensor) -> Tensor:
        # That filter is a mean of two, twice.
        return avg_pool2d(avg_pool2d(pad(image, (1, 1, 1, 1), mode="reflect"), 2, stride=1), 2)
