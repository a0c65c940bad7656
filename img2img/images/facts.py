"""What a picture file is, without decoding it; whether it decodes; which files of a folder are pictures."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import TiffImagePlugin

from img2img.images import exif as exif_blocks
from img2img.images.decode import decode
from img2img.images.layout import layout_of
from img2img.images.opening import OpenPicture, opened
from img2img.images.photo import DEFAULT_MAX_PIXELS, ImageError
from img2img.images.recognise import HEIF_SUFFIXES, reads_heif
from img2img.images.sources import Source

SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".avif", ".tif", ".tiff", ".gif", ".bmp", ".dib")
    + (".ppm", ".pgm", ".pbm", ".pnm")
    + (tuple(HEIF_SUFFIXES) if reads_heif() else ())
)


@dataclass(frozen=True)
class ImageFacts:
    """Header of a picture: size in px as seen upright, Pillow's mode, and the samples that reading it gives."""

    width: int
    height: int
    mode: str
    channels: Literal[1, 3]
    bits: Literal[8, 16]
    alpha: bool


def probe(path: Source, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> ImageFacts:
    """Read the header alone. Raises ImageError as `read_photo`, save for damage behind the header."""
    with opened(path, max_pixels, thorough=False) as picture:
        layout = layout_of(picture)
        width, height = picture.image.size
        if _lies_on_its_side(picture):
            width, height = height, width
        return ImageFacts(width, height, picture.image.mode, layout.channels, layout.bits, layout.alpha)


def verify(path: Source, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> None:
    """Decode the whole picture and throw it away. Raises ImageError where `read_photo` would."""
    with opened(path, max_pixels) as picture:
        decode(picture, layout_of(picture))


def list_images(folder: Path) -> list[Path]:
    """Picture files under `folder` and its subfolders by their suffix, sorted, hidden files and folders skipped.

    Raises ImageError where `folder` is no folder that can be read.
    """
    if not folder.is_dir():
        raise ImageError(f"{folder}: {'is a file, not a folder' if folder.exists() else 'no such folder'}")
    found = []
    for parent, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(parent, name)
            for name in files
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES
        ]
    return sorted(found)


def by_name(folder: Path, files: Iterable[Path]) -> dict[Path, Path]:
    """Files below a folder by their path there without its ending, in their order: {a/1: FOLDER/a/1.png}.

    Raises ImageError, naming both, for two files of one name.
    """
    found: dict[Path, Path] = {}
    for path in files:
        name = path.relative_to(folder).with_suffix("")
        if name in found:
            raise ImageError(f"{found[name]} and {path} have the same name: which one is meant?")
        found[name] = path
    return found


def _refuse(cause: OSError) -> None:
    raise ImageError(f"{cause.filename}: {(cause.strerror or 'cannot be read').lower()}") from cause


def _lies_on_its_side(picture: OpenPicture) -> bool:
    if isinstance(picture.image, TiffImagePlugin.TiffImageFile):
        return False  # Pillow states the upright size
    try:
        raw = exif_blocks.of_picture(picture)
        return raw is not None and exif_blocks.ExifBlock(raw).orientation >= 5
    except Exception:  # a damaged block turns nothing, here as in `read_photo`
        return False
