"""Tensors → photo files."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from img2img.images.atomic import open_atomically
from img2img.images.metadata.carrying import Carried, carried, pillow_settings, png_chunks
from img2img.images.photo import NO_METADATA, ImageError, Metadata, Photo, Samples
from img2img.images.png16 import write_png16
from img2img.images.samples import over_white, to_samples
from img2img.images.tiff import write_tiff

Target = Path | str | BinaryIO
FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".avif": "AVIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
DEEP_FORMATS = ("PNG", "TIFF")
DEFAULT_QUALITY = {"JPEG": 95, "WEBP": 90, "AVIF": 85}
_LONGEST_SIDE = {"JPEG": 65500, "WEBP": 16383, "AVIF": 65536}  # px


@dataclass(frozen=True)
class Encoding:
    """How an array becomes a file: format as in `FORMATS`' values, quality 0 to 100 or None for the default."""

    format: str
    quality: int | None = None
    icc: bytes | None = None
    exif: bytes | None = None
    more: Metadata = NO_METADATA


def write_photo(photo: Photo, target: Target, *, format: str | None = None, quality: int | None = None) -> str:
    """Write a photo as JPEG, PNG, WebP, AVIF or TIFF, atomically where the target is a path.

    The format is `format`, else the target's suffix, else (stream) the photo's own. Quality (0 to 100) is for JPEG
    (default 95, chroma not subsampled), WebP (90) and AVIF (85, chroma not subsampled); PNG and TIFF are lossless.
    JPEG has no transparency: the photo is composited over white. 16 bits are kept by PNG and TIFF and rounded to 8
    elsewhere; WebP turns grey into RGB. Profile, EXIF, print resolution, XMP, IPTC and texts are carried as far as the
    format has a place for them.

    Returns a note of what was left out, or "".
    Raises ImageError: unknown format, a side too long for the format, pixels that are not finite, target unwritable.
    """
    target = Path(target) if isinstance(target, str) else target
    name, encoding = _plan(photo, target, format, quality)
    try:
        samples = to_samples(photo.pixels, photo.bits if encoding.format in DEEP_FORMATS else 8, photo.alpha)
    except ImageError as cause:
        raise ImageError(f"{name}: {cause}") from cause
    return write_samples(samples, target, encoding)


def write_samples(
    samples: Samples, target: Target, encoding: Encoding, finished: Callable[[Path], None] | None = None
) -> str:
    """Write (H, W, C) uint8 or uint16, C = 1 to 4 (grey, grey + alpha, RGB, RGBA), for results too large for floats.

    Else as `write_photo`; uint16 only where the format is in `DEEP_FORMATS`. finished: called with the temporary file
    when it is whole, just before it becomes the target; what it raises leaves the target as it was.
    """
    target = Path(target) if isinstance(target, str) else target
    name = _name_of(target)
    _check(samples, encoding, name)
    try:
        if not isinstance(target, Path):
            buffer = io.BytesIO()
            note = _encode(samples, buffer, encoding)
            target.write(buffer.getbuffer())
            return note
        with open_atomically(target) as out:
            note = _encode(samples, out.stream, encoding)
            out.finish()
            if finished:
                finished(out.path)
        return note
    except ImageError:
        raise
    except Exception as cause:
        reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
        raise ImageError(f"{name}: cannot be written as {encoding.format} ({reason})") from cause


def format_of(name: str) -> str:
    """The written format that a suffix (".jpg") or a format's name ("jpg", "JPEG") stands for.

    Raises ImageError naming the allowed ones.
    """
    key = name.lower().removeprefix(".")
    found = FORMATS.get(f".{key}")
    if found is None:
        raise ImageError(f"format {name!r} cannot be written; allowed: {', '.join(FORMATS)}")
    return found


def check_sides(width: int, height: int, format: str, name: str) -> None:
    """Raise ImageError where a format, as in `FORMATS`' values, cannot hold a picture of this size, px."""
    longest = _LONGEST_SIDE.get(format)
    if longest is not None and max(height, width) > longest:
        raise ImageError(f"{name}: {width} x {height} px; allowed in {format}: sides up to {longest} px")


def _plan(photo: Photo, target: Target, format: str | None, quality: int | None) -> tuple[str, Encoding]:
    name = _name_of(target)
    asked = format or (target.suffix if isinstance(target, Path) else photo.format)
    try:
        kind = format_of(asked)
    except ImageError as cause:
        raise ImageError(f"{name}: {cause}") from cause
    return name, Encoding(kind, quality, photo.icc, photo.exif, photo.more)


def _name_of(target: Target) -> str:
    return str(target) if isinstance(target, Path) else str(getattr(target, "name", "<stream>"))


def _check(samples: Samples, encoding: Encoding, name: str) -> None:
    height, width, channels = samples.shape
    if channels not in (1, 2, 3, 4) or samples.dtype not in (np.uint8, np.uint16):
        raise ImageError(f"{name}: samples are {samples.shape} {samples.dtype}; allowed: (H, W, 1..4) uint8, uint16")
    if samples.dtype == np.uint16 and encoding.format not in DEEP_FORMATS:
        raise ImageError(f"{name}: {encoding.format} has 8 bits; 16-bit formats: {', '.join(DEEP_FORMATS)}")
    if encoding.quality is not None and not 0 <= encoding.quality <= 100:
        raise ImageError(f"{name}: quality is {encoding.quality}; allowed: 0 to 100")
    check_sides(width, height, encoding.format, name)


def _encode(samples: Samples, out: BinaryIO, encoding: Encoding) -> str:
    """A note of what the format has no place for, or ""."""
    solid = over_white(samples) if encoding.format == "JPEG" else samples
    lost = "transparency put on white, as JPEG has none" if solid.shape != samples.shape else ""
    samples = solid
    height, width, channels = samples.shape
    if channels == 2 and samples.dtype == np.uint16 and encoding.format == "TIFF":
        channels = 4  # as `write_tiff` writes it
    what, note = carried(encoding.format, encoding.icc, encoding.exif, encoding.more, width, height, channels)
    if encoding.format == "TIFF":
        return "; ".join(filter(None, (note, write_tiff(samples, out, what))))
    if encoding.format == "PNG" and samples.dtype == np.uint16:
        write_png16(samples, out, png_chunks(what))
    else:
        _encode_with_pillow(samples, out, encoding, what)
    return "; ".join(filter(None, (note, lost)))


def _encode_with_pillow(samples: Samples, out: BinaryIO, encoding: Encoding, what: Carried) -> None:
    kind = encoding.format
    settings: dict[str, Any] = pillow_settings(kind, what)
    if kind in DEFAULT_QUALITY:
        settings["quality"] = DEFAULT_QUALITY[kind] if encoding.quality is None else encoding.quality
    if kind in ("JPEG", "AVIF") and samples.shape[2] > 2:
        settings["subsampling"] = "4:4:4"
    image = Image.fromarray(samples[..., 0] if samples.shape[2] == 1 else samples)
    image.save(out, kind, **settings)
