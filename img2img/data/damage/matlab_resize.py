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
    """Resize by MATLAB's bicubic, on the images' own device, in float32 or what more they have, also under autocast.

    images: (..., H, W) in any range; in [-1, 1] where eight_bit. height, width: of the result, px.
    eight_bit: round to 8-bit steps and clamp before and after each of the two passes, as MATLAB does with a picture of
    uint8. So done, the stored low resolutions of Set5 and Set14 come out to the last bit (x2, x4; 3.4 million samples).
    Returns: (..., height, width); without eight_bit, edges overshoot the range by a few percent.
    """
    if not eight_bit:
        return across(down(images, height), width)
    levels = whole_steps((images + 1) * 127.5)
    return whole_steps(across(whole_steps(down(levels, height)), width)) / 127.5 - 1


def shrink(images: Tensor, scale: int, eight_bit: bool = False) -> Tensor:
    """`matlab_resize` of (..., H, W) to (..., H / scale, W / scale); H and W are multiples of `scale`."""
    return matlab_resize(images, images.shape[-2] // scale, images.shape[-1] // scale, eight_bit)


def enlarge(images: Tensor, scale: int, eight_bit: bool = False) -> Tensor:
    """`matlab_resize` of (..., H, W) to (..., H scale, W scale)."""
    return matlab_resize(images, images.shape[-2] * scale, images.shape[-1] * scale, eight_bit)


def to_eight_bit(images: Tensor) -> Tensor:
    """[-1, 1] -> the nearest of the 256 values that a file can hold, clamped."""
    return whole_steps((images + 1) * 127.5) / 127.5 - 1


def whole_steps(levels: Tensor) -> Tensor:
    """Whole numbers from 0 to 255; halves go up, as MATLAB has it."""
    return (levels + 0.5).floor().clamp(0, 255)


def down(images: Tensor, height: int) -> Tensor:
    """(..., H, W) -> (..., height, W). Tap by tap: a matrix product may be TF32, or bfloat16 under autocast."""
    places, weights = _taps_on(images.device, images.dtype, images.shape[-2], height)
    result = images.index_select(-2, places[0]) * weights[0]
    for place, weight in zip(places[1:], weights[1:], strict=True):
        result.addcmul_(images.index_select(-2, place), weight)
    return result


def across(images: Tensor, width: int) -> Tensor:
    """(..., H, W) -> (..., H, width)."""
    return down(images.mT.contiguous(), width).mT.contiguous()


@lru_cache(maxsize=1024)
def _taps_on(device: torch.device, dtype: torch.dtype, length: int, result: int) -> tuple[Tensor, Tensor]:
    """Places (T, result) and weights (T, result, 1) where they are needed; kept, as a copy from the CPU waits for what
    the device has yet to do. Photo's degradation draws a few hundred pairs of sides."""
    with torch.inference_mode(False):
        places, weights = taps(length, result)
        return places.to(device), weights.to(device=device, dtype=dtype)[..., None]


@lru_cache(maxsize=64)
def taps(length: int, result: int) -> tuple[Tensor, Tensor]:
    """Which of `length` pixels each of `result` pixels is made of, and their weights: (T, result) int64 and float64.

    Beyond the border lies the outermost pixel again, as in the releases that made the benchmarks; later ones mirror,
    which changes the outermost two pixels of a low resolution by up to 11 8-bit steps.
    """
    scale = result / length
    squeezed = min(scale, 1.0)
    reach = REACH / squeezed
    centres = (torch.arange(result, dtype=torch.float64) + 0.5) / scale - 0.5
    places = (centres - reach).floor() + torch.arange(math.ceil(2 * reach) + 2)[:, None]
    weights = cubic((centres - places) * squeezed)
    weights /= weights.sum(0)
    return places.long().clamp(0, length - 1), weights


def cubic(distance: Tensor) -> Tensor:
    """Keys' kernel with a = -0.5 at distances in px (Keys 1981, equation 15)."""
    x = distance.abs()
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return torch.where(x <= 1, near, torch.where(x <= REACH, far, 0.0))
