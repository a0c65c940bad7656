"""What a page shows of a photo and its result: both small, and the place that changed most at full size."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from img2img.config.base import UserError
from img2img.images import DEFAULT_MAX_PIXELS, Encoding, Photo, as_floats, read_photo, to_samples, write_samples
from img2img.images.decode import Samples
from img2img.images.samples import fit_channels

SMALL = 640
"""Longer side of the small pictures, px."""
CROP = 420
"""Side of the crops, px of the result."""
_MOST_RESULT = 64 * DEFAULT_MAX_PIXELS
_QUALITY = 88


class ShapeError(UserError):
    """Two pictures that are not one another's before and after."""


@dataclass(frozen=True)
class Pair:
    """Two pictures of one size, as data URIs, and that size, px."""

    before: str
    after: str
    width: int
    height: int


@dataclass(frozen=True)
class Comparison:
    """A photo and its result. before, after: their sizes (width, height), px. place: the crop's left and top, px."""

    name: str
    before: tuple[int, int]
    after: tuple[int, int]
    small: Pair
    crop: Pair
    place: tuple[int, int]


def compared(name: str, before: Path, after: Path, max_pixels: int = DEFAULT_MAX_PIXELS) -> Comparison:
    """Reads both files. Raises ImageError where one cannot be read, ShapeError where they have not one shape."""
    photo = read_photo(before, max_pixels=max_pixels, integers=True)
    result = read_photo(after, max_pixels=_MOST_RESULT, integers=True)
    one, other = photo.width * result.height, photo.height * result.width
    if abs(one - other) > 0.02 * max(one, other):
        raise ShapeError(
            f"{before}, {photo.width} x {photo.height} px, and {after}, {result.width} x {result.height} px, have not "
            "one shape"
        )
    shrink = max(1.0, max(result.width, result.height) / SMALL)
    size = max(1, round(result.width / shrink)), max(1, round(result.height / shrink))
    small = [_part(picture, (0, 0, picture.width, picture.height), size) for picture in (photo, result)]
    width, height = min(CROP, result.width), min(CROP, result.height)
    left, top = _most_changed(small[0], small[1], shrink, (result.width - width, result.height - height))
    times = photo.width / result.width, photo.height / result.height
    there = (left * times[0], top * times[1], width * times[0], height * times[1])
    crops = [_part(photo, there, (width, height)), _part(result, (left, top, width, height), (width, height))]
    facts = (photo.width, photo.height), (result.width, result.height)
    return Comparison(name, *facts, _pair(small, photo, result), _pair(crops, photo, result), (left, top))


def _part(photo: Photo, box: tuple[float, float, float, float], size: tuple[int, int]) -> Samples:
    """(h, w, 3) uint8 of a box (left, top, width, height), px and fractions, over white, in another size."""
    left, top, width, height = box
    first, last = (int(left), int(top)), (int(np.ceil(left + width)), int(np.ceil(top + height)))
    step = max(1, int(width / size[0] / 3))
    rows, columns = slice(first[1], last[1], step), slice(first[0], last[0], step)
    planes = fit_channels(as_floats(photo.pixels[:, rows, columns]), 3)
    if photo.alpha is not None:
        alpha = photo.alpha[:, rows, columns]
        planes = planes * alpha + (1 - alpha)
    samples = to_samples(planes, 8)
    if samples.shape[1::-1] == size:
        return samples
    shrinks = samples.shape[1] >= size[0]
    return np.asarray(cv2.resize(samples, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC))


def _most_changed(before: Samples, after: Samples, shrink: float, most: tuple[int, int]) -> tuple[int, int]:
    """Left and top, px of the result, of the crop around the largest change. most: what they may be."""
    change = np.abs(before.astype(np.float32) - after).mean(axis=2)
    window = max(1, round(CROP / shrink))
    mean = cv2.blur(change, (window, window), borderType=cv2.BORDER_CONSTANT)
    row, column = np.unravel_index(int(mean.argmax()), mean.shape)
    left, top = ((int(middle) - window // 2) * shrink for middle in (column, row))
    return min(max(0, round(left)), most[0]), min(max(0, round(top)), most[1])


def _pair(samples: list[Samples], photo: Photo, result: Photo) -> Pair:
    height, width = samples[0].shape[:2]
    before, after = (
        _uri(one, picture.icc if picture.pixels.shape[0] == 3 else None)
        for one, picture in zip(samples, (photo, result), strict=True)
    )
    return Pair(before, after, width, height)


def _uri(samples: Samples, icc: bytes | None) -> str:
    out = io.BytesIO()
    write_samples(np.ascontiguousarray(samples), out, Encoding("JPEG", _QUALITY, icc))
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
