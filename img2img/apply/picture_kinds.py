"""Pictures as notebooks have them, Pillow's images, numpy's arrays and torch's tensors, to photos and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from img2img.config.base import Refusal
from img2img.images import Photo, to_alpha
from img2img.images.decode import Samples
from img2img.images.metadata.exif import ORIENTATION
from img2img.images.samples import to_planes

from .conversion import ConvertedPhoto

Floats = Callable[[Photo], Photo]
"""The conversion of pixels in [-1, 1] that stay floats."""
Integers = Callable[[Photo], ConvertedPhoto]

_MODES = {"1": "L", "La": "LA", "RGBa": "RGBA", "PA": "RGBA", "CMYK": "RGB", "YCbCr": "RGB", "HSV": "RGB", "LAB": "RGB"}


class KindError(Refusal):
    """A picture of a kind, shape, type or range that is not taken."""


def convert_image(image: Image.Image, convert: Integers) -> Image.Image:
    """A Pillow image: turned upright by its EXIF, palettes expanded, CMYK as RGB; else its mode comes back.

    Modes 1, L, LA, P, PA, RGB, RGBA, CMYK, YCbCr, HSV, LAB with 8 bits, and I;16. Profile and EXIF are kept in `info`.
    Raises KindError for I and F, whose range nobody knows.
    """
    result = convert(photo_of_image(image))
    made = Image.fromarray(_squeezed(result.samples))
    made.info = {key: value for key, value in (("icc_profile", result.icc), ("exif", result.exif)) if value}
    return made


def photo_of_image(image: Image.Image) -> Photo:
    """A Pillow image as `convert_image` takes it. Raises KindError."""
    orientation = image.getexif().get(ORIENTATION, 1)
    upright = ImageOps.exif_transpose(image)
    keyed = "transparency" in upright.info
    mode = _MODES.get(upright.mode, upright.mode)
    if keyed and mode in ("L", "RGB", "P"):
        mode = "LA" if mode == "L" else "RGBA"
    mode = "RGB" if mode == "P" else mode
    if mode not in ("L", "LA", "RGB", "RGBA", "I;16"):
        raise KindError(f"a Pillow image of mode {image.mode}; allowed: 1, L, LA, P, PA, RGB, RGBA, CMYK, YCbCr, I;16")
    samples = np.atleast_3d(np.asarray(upright if upright.mode == mode else upright.convert(mode)))
    icc = None if image.mode == "CMYK" else upright.info.get("icc_profile")
    return replace(_photo(samples, icc, upright.info.get("exif")), orientation=orientation)


def convert_array(array: np.ndarray[Any, Any], integers: Integers, floats: Floats) -> np.ndarray[Any, Any]:
    """An array (H, W) or (H, W, C), C = 1 to 4: grey, grey + alpha, RGB, RGBA; its layout and type come back.

    uint8 in 0..255, uint16 in 0..65535, floating point in [0, 1], as scikit-image has it. Raises KindError.
    """
    samples = array[..., None] if array.ndim == 2 else array
    if samples.ndim != 3 or not 1 <= samples.shape[2] <= 4 or 0 in samples.shape:
        raise KindError(f"an array of shape {array.shape}; allowed: (H, W) and (H, W, C) with C = 1 to 4")
    if array.dtype in (np.uint8, np.uint16):
        made = integers(_photo(samples, None, None)).samples
    elif np.issubdtype(array.dtype, np.floating):
        made = _floating(samples, floats).astype(array.dtype)
    else:
        raise KindError(f"an array of {array.dtype}; allowed: uint8, uint16, floating point in [0, 1]")
    return made[..., 0] if array.ndim == 2 and made.shape[2] == 1 else made


def pictures_of(tensor: Tensor) -> Tensor:
    """(C, H, W) or (N, C, H, W), C = 1 or 3 -> (N, C, H, W), on the CPU. Raises KindError for another shape or type."""
    batch = tensor if tensor.ndim == 4 else tensor[None]
    if batch.ndim != 4 or batch.shape[1] not in (1, 3) or 0 in batch.shape:
        raise KindError(f"a tensor of shape {tuple(tensor.shape)}; allowed: (C, H, W), (N, C, H, W) with C = 1 or 3")
    if tensor.dtype != torch.uint8 and not tensor.is_floating_point():
        raise KindError(f"a tensor of {tensor.dtype}; allowed: uint8, floating point in [-1, 1]")
    return batch.detach().cpu()


def convert_tensor(picture: Tensor, integers: Integers, floats: Floats) -> Tensor:
    """One of `pictures_of`, (C, H, W): its type comes back.

    Floating point in [-1, 1], as everywhere in this package, or uint8 in 0..255, as torchvision reads files.
    Raises KindError.
    """
    if picture.dtype == torch.uint8:
        return torch.from_numpy(integers(Photo(picture)).samples).permute(2, 0, 1).contiguous()
    pixels = picture.float()
    _check_range(pixels, -1.0)
    return floats(Photo(pixels)).pixels.to(picture.dtype)


def masks_of(given: object, count: int) -> list[Photo]:
    """Masks in memory for so many pictures: a batch (N, 1, H, W) with one for each, or one for all, as in `mask_of`.

    Raises KindError.
    """
    if not (isinstance(given, Tensor | np.ndarray) and given.ndim == 4):
        return [mask_of(given)] * count
    if len(given) != count:
        raise KindError(f"{len(given)} masks for {count} pictures; allowed: one for each, or one for all")
    return [mask_of(mask) for mask in torch.as_tensor(given)]


def mask_of(given: object) -> Photo:
    """A mask in memory: a Pillow image; an array (H, W) or (H, W, C); a tensor (H, W) or (1, H, W).

    bool, or floating point in [0, 1], or integers over their whole range, of which 0 and 1 alone are refused, as they
    would all be black. Raises KindError.
    """
    if isinstance(given, Image.Image):
        return photo_of_image(given)
    if isinstance(given, Tensor):
        given = given.detach().cpu().numpy()
        given = given[0] if given.ndim == 3 and len(given) == 1 else given
    if not isinstance(given, np.ndarray):
        raise KindError(f"a mask that is a {type(given).__name__}; allowed: a path, a Pillow image, an array, a tensor")
    samples = given[..., None] if given.ndim == 2 else given
    if samples.ndim != 3 or not 1 <= samples.shape[2] <= 4 or 0 in samples.shape:
        raise KindError(f"a mask of shape {given.shape}; allowed: (H, W), (H, W, C) for arrays, (1, H, W) for tensors")
    if samples.dtype == bool:
        return _photo(samples.astype(np.uint8) * 255, None, None)
    if samples.dtype in (np.uint8, np.uint16):
        if samples.max() == 1:
            raise KindError(f"a mask of {samples.dtype} with values up to 1; allowed: up to 255 or 65535, or bool")
        return _photo(samples, None, None)
    if np.issubdtype(samples.dtype, np.floating):
        values = torch.from_numpy(np.ascontiguousarray(samples, np.float32))
        _check_range(values, 0.0)
        return _photo((values * 65535).round().numpy().astype(np.uint16), None, None)
    raise KindError(f"a mask of {samples.dtype}; allowed: bool, uint8, uint16, floating point in [0, 1]")


def _photo(samples: Samples, icc: bytes | None, exif: bytes | None) -> Photo:
    colours = 1 if samples.shape[2] < 3 else 3
    alpha = to_alpha(samples[..., colours:]) if samples.shape[2] > colours else None
    bits: Literal[8, 16] = 8 if samples.dtype == np.uint8 else 16
    return Photo(to_planes(samples[..., :colours]), alpha, bits, icc, exif)


def _floating(samples: np.ndarray[Any, Any], floats: Floats) -> np.ndarray[Any, Any]:
    values = torch.from_numpy(np.ascontiguousarray(samples, np.float32)).permute(2, 0, 1)
    _check_range(values, 0.0)
    colours = 1 if len(values) < 3 else 3
    made = floats(Photo(values[:colours] * 2 - 1, values[colours:] if len(values) > colours else None))
    parts = [(made.pixels + 1) / 2, *([] if made.alpha is None else [made.alpha])]
    return torch.cat(parts).permute(1, 2, 0).numpy()


def _check_range(values: Tensor, least: float) -> None:
    low, high = float(values.min()), float(values.max())
    if not (least - 1e-3 <= low and high <= 1 + 1e-3):  # not the other way round: NaN is out of range, too
        raise KindError(f"values from {low:.4g} to {high:.4g}; allowed: {least:.0f} to 1")


def _squeezed(samples: Samples) -> Samples:
    return samples[..., 0] if samples.shape[2] == 1 else samples
