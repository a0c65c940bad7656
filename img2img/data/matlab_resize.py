"""MATLAB's `imresize` with its default kernel, bicubic: what the benchmarks of super-resolution are made with.

Keys' cubic kernel with a = -0.5, widened by the factor where a picture shrinks; rows first, then columns. Pillow's and
OpenCV's bicubic differ in kernel, borders or rounding, which moves published figures by tenths of a dB.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor

REACH = 2.0
"""How far the kernel reaches to each side, px of the coarser grid."""


def matlab_resize(images: Tensor, height: int, width: int, eight_bit: bool = False) -> Tensor:
    """Resize by MATLAB's bicubic, on the images' own device and in their precision.

    images: (..., H, W) in any range; in [-1, 1] where eight_bit. height, width: of the result, px.
    eight_bit: round to 8-bit steps and clamp after each of the two passes, as MATLAB does with a picture of uint8.
    So done, the stored low resolutions of Set5 and Set14 come out to the last bit (x2, x4; 3.4 million samples).
    Returns: (..., height, width); without eight_bit, edges overshoot the range by a few percent.
    """
    rows, columns = resize_weights(images.shape[-2], height).to(images), resize_weights(images.shape[-1], width)
    between = rows @ images
    if eight_bit:
        between = to_eight_bit(between)
    result = between @ columns.to(images).T
    return to_eight_bit(result) if eight_bit else result


def shrink(images: Tensor, scale: int, eight_bit: bool = False) -> Tensor:
    """`matlab_resize` of (..., H, W) to (..., H / scale, W / scale); H and W are multiples of `scale`."""
    return matlab_resize(images, images.shape[-2] // scale, images.shape[-1] // scale, eight_bit)


def enlarge(images: Tensor, scale: int, eight_bit: bool = False) -> Tensor:
    """`matlab_resize` of (..., H, W) to (..., H scale, W scale)."""
    return matlab_resize(images, images.shape[-2] * scale, images.shape[-1] * scale, eight_bit)


def to_eight_bit(images: Tensor) -> Tensor:
    """[-1, 1] -> the nearest of the 256 values that a file can hold, clamped; halves go up, as MATLAB has it."""
    return ((images + 1) * 127.5 + 0.5).floor().clamp(0, 255) / 127.5 - 1


@lru_cache(maxsize=4)
def resize_weights(length: int, result: int) -> Tensor:
    """What each of `result` pixels takes of each of `length` pixels: (result, length) float64, rows of sum 1.

    Beyond the border lies the outermost pixel again, as in the releases that made the benchmarks; later ones mirror,
    which changes the outermost two pixels of a low resolution by up to 12 8-bit steps.
    """
    scale = result / length
    squeezed = min(scale, 1.0)
    reach = REACH / squeezed
    centres = (torch.arange(result, dtype=torch.float64) + 0.5) / scale - 0.5
    places = (centres - reach).floor()[:, None] + torch.arange(math.ceil(2 * reach) + 2)
    taps = cubic((centres[:, None] - places) * squeezed)
    taps /= taps.sum(1, keepdim=True)
    within = places.long().clamp(0, length - 1)
    return torch.zeros(result, length, dtype=torch.float64).scatter_add_(1, within, taps)


def cubic(distance: Tensor) -> Tensor:
    """Keys' kernel with a = -0.5 at distances in px (Keys 1981, equation 15)."""
    x = distance.abs()
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return torch.where(x <= 1, near, torch.where(x <= REACH, far, 0.0))
