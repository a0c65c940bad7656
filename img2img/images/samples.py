"""Integer samples (H, W, C) ↔ float tensors (C, H, W), band by band so that no second whole copy is ever alive."""

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from img2img.images.decode import Samples
from img2img.images.photo import ImageError

LUMA = (0.299, 0.587, 0.114)
"""BT.601 weights of R, G, B."""

_BAND = 256  # rows


def to_pixels(samples: Samples) -> Tensor:
    """(H, W, C) uint8 or uint16 → float32 (C, H, W) in [-1, 1]; `to_samples` gives the same integers back."""
    return _to_float(samples, np.iinfo(samples.dtype).max / 2, -1.0)


def to_planes(samples: Samples) -> Tensor:
    """(H, W, C) uint8 or uint16 → (C, H, W) of the same type, a quarter or half of what `to_pixels` takes."""
    height, width, channels = samples.shape
    out = np.empty((channels, height, width), samples.dtype)
    for start in range(0, height, _BAND):
        out[:, start : start + _BAND] = samples[start : start + _BAND].transpose(2, 0, 1)
    return torch.from_numpy(out)


def as_floats(planes: Tensor) -> Tensor:
    """Planes as `to_pixels` makes them: uint8 and uint16 become float32 in [-1, 1], floats stay what they are."""
    if planes.is_floating_point():
        return planes
    return planes.to(torch.float32).div_(torch.iinfo(planes.dtype).max / 2).add_(-1.0)


def to_alpha(samples: Samples) -> Tensor:
    """(H, W, 1) uint8 or uint16 → float32 (1, H, W) in [0, 1]."""
    return _to_float(samples, np.iinfo(samples.dtype).max, 0.0)


def to_samples(pixels: Tensor, bits: Literal[8, 16], alpha: Tensor | None = None) -> Samples:
    """Pixels in [-1, 1] and alpha in [0, 1] → (H, W, C) uint8 or uint16: clamped, rounded to nearest, alpha last.

    A band of rows of a larger picture may be given; `write_samples` takes the assembled array.
    Raises ImageError where a value is not finite.
    """
    channels, height, width = pixels.shape
    top = 2**bits - 1
    samples = np.empty((height, width, channels + (alpha is not None)), np.uint8 if bits == 8 else np.uint16)
    for start in range(0, height, _BAND):
        rows = slice(start, start + _BAND)
        samples[rows, :, :channels] = _to_integers(pixels[:, rows], top / 2, 1.0, top, start)
        if alpha is not None:
            samples[rows, :, channels:] = _to_integers(alpha[:, rows], top, 0.0, top, start)
    return samples


def over_white(samples: Samples) -> Samples:
    """(H, W, C + alpha) → (H, W, C): composited over white, exact integer rounding."""
    if samples.shape[2] in (1, 3):
        return samples
    top = int(np.iinfo(samples.dtype).max)
    out = np.empty((*samples.shape[:2], samples.shape[2] - 1), samples.dtype)
    for start in range(0, samples.shape[0], _BAND):
        band = samples[start : start + _BAND].astype(np.uint32)
        alpha = band[..., -1:]
        out[start : start + _BAND] = (band[..., :-1] * alpha + top * (top - alpha) + top // 2) // top
    return out


def with_channels(samples: Samples, channels: Literal[1, 3]) -> Samples:
    """Grey ↔ RGB without alpha: grey repeats; RGB becomes luma by ITU-R BT.601, as Pillow rounds it."""
    if samples.shape[2] == channels:
        return samples
    if channels == 3:
        return np.repeat(samples, 3, axis=2)
    luma = samples.astype(np.uint32) @ np.array([[19595], [38470], [7471]], np.uint32)
    return (luma + 0x8000 >> 16).astype(samples.dtype)


def fit_channels(pixels: Tensor, channels: int) -> Tensor:
    """(…, C, H, W), C = 1 or 3 -> (…, channels, H, W): grey is repeated, colour becomes its luma (BT.601), a float."""
    if pixels.shape[-3] == channels:
        return pixels
    if pixels.shape[-3] == 1:
        return pixels.expand(*pixels.shape[:-3], channels, -1, -1)
    pixels = as_floats(pixels)
    weights = torch.tensor(LUMA, dtype=pixels.dtype, device=pixels.device).view(3, 1, 1)
    return (pixels * weights).sum(-3, keepdim=True)


def _to_float(samples: Samples, divisor: float, offset: float) -> Tensor:
    height, width, channels = samples.shape
    out = torch.empty(channels, height, width)
    for start in range(0, height, _BAND):
        band = samples[start : start + _BAND].astype(np.float32).transpose(2, 0, 1)
        out[:, start : start + _BAND] = torch.from_numpy(band).div_(divisor).add_(offset)
    return out


def _to_integers(band: Tensor, factor: float, offset: float, top: int, first_row: int) -> Samples:
    band = band.detach().to("cpu", torch.float32)
    if not torch.isfinite(band).all():
        _, y, x = (~torch.isfinite(band)).nonzero()[0].tolist()
        raise ImageError(f"pixel x={x} y={first_row + y} is {band[:, y, x].tolist()}; allowed: finite numbers")
    scaled = band.add(offset).mul_(factor).round_().clamp_(0, top)
    return scaled.permute(1, 2, 0).numpy()
