"""Peak signal-to-noise ratio."""

from __future__ import annotations

from torch import Tensor

from .eight_bit import PEAK, Channels, comparable


def psnr(images: Tensor, reference: Tensor, *, channels: Channels = "y", border: int = 0) -> Tensor:
    """10 log10(255² / mean squared difference), after rounding to 8 bits.

    images, reference: (N, C, H, W) or (C, H, W) in [-1, 1], C 1 or 3. channels: y for BT.601 luma, or rgb, whose mean
    is over all three. border: px left out at each side; the scale, in super-resolution.
    Returns: (N,) or () float64, dB; infinite for equal pictures.
    Raises: Refusal for sizes that differ.
    """
    one, other = comparable(images, reference, channels, border)
    error = (one - other).square().mean((1, 2, 3))
    decibels = 10 * (PEAK**2 / error).log10()
    return decibels if images.dim() == 4 else decibels[0]
