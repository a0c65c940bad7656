"""What a picture file is, without decoding it; whether it decodes; which endings pictures have."""

from dataclasses import dataclass
from typing import Literal

from PIL import TiffImagePlugin

from img2img.images.decode import decode
from img2img.images.layout import layout_of
from img2img.images.metadata import exif as exif_blocks
from img2img.images.opening import OpenPicture, opened
from img2img.images.photo import DEFAULT_MAX_PIXELS
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


def _lies_on_its_side(picture: OpenPicture) -> bool:
    if isinstance(picture.image, TiffImagePlugin.TiffImageFile):
        return False  # Pillow states the upright size
    try:
        raw = exif_blocks.of_picture(picture)
        return raw is not None and exif_blocks.ExifBlock(raw).orientation >= 5
    except Exception:  # a damaged block turns nothing, here as in `read_photo`
        return False
