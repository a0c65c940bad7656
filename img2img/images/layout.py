"""What the header says of a picture's samples, and which pictures are refused rather than bent."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageFile, PngImagePlugin, TiffImagePlugin

from img2img.images.opening import OpenPicture
from img2img.images.photo import ImageError

_BITS_PER_SAMPLE, _PLANAR = 258, 284


@dataclass(frozen=True)
class Layout:
    """Samples of the decoded array: grey (1) or RGB (3), 8 or 16 bits, with or without a last channel of alpha."""

    channels: Literal[1, 3]
    bits: Literal[8, 16]
    alpha: bool
    note: str = ""


def layout_of(picture: OpenPicture) -> Layout:
    """Channels, bits and alpha of a picture that is opened and not yet loaded.

    Raises ImageError for float, 32-bit, Lab and other samples that 16 bits of grey or RGB cannot hold.
    """
    image = picture.image
    keyed = "transparency" in image.info
    if isinstance(image, PngImagePlugin.PngImageFile) and ";16" in rawmode_of(image):
        grey = image.mode == "I;16" or rawmode_of(image).startswith("LA")
        return Layout(1 if grey else 3, 16, keyed or image.mode == "RGBA")
    if isinstance(image, TiffImagePlugin.TiffImageFile) and bits_of_tiff(image) > 8:
        return _deep_tiff(image, picture.name)
    if picture.format == "PPM" and _ppm_maximum(image) > 255:
        if image.mode != "I":
            raise _refused(picture.name, "16-bit PPM in colour", "16-bit PNG or TIFF")
        return Layout(1, 16, False)
    return _shallow(image, picture, keyed)


def rawmode_of(image: Image.Image) -> str:
    """How the file stores its samples, as Pillow spells it ("RGB;16B"); "" where the format does not say."""
    tiles = getattr(image, "tile", None)
    if not tiles:
        return ""
    args = tiles[0].args
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""


def bits_of_tiff(image: TiffImagePlugin.TiffImageFile) -> int:
    """The largest number of bits per sample that a TIFF declares."""
    bits = image.tag_v2.get(_BITS_PER_SAMPLE, (1,))
    return max(bits) if isinstance(bits, tuple) else int(bits)


def _shallow(image: Image.Image, picture: OpenPicture, keyed: bool) -> Layout:
    note = _avif_note(picture) if picture.format == "AVIF" else ""
    if image.mode in ("1", "L"):
        return Layout(1, 8, keyed, note)
    if image.mode in ("LA", "La"):
        return Layout(1, 8, True, note)
    if image.mode in ("P", "PA"):
        return Layout(1 if _palette_is_grey(image) else 3, 8, image.has_transparency_data, note)
    if image.mode in ("RGB", "RGBX", "CMYK", "YCbCr"):
        return Layout(3, 8, keyed, note)
    if image.mode in ("RGBA", "RGBa"):
        return Layout(3, 8, True, note)
    raise _refused(picture.name, f"mode {image.mode}", "1, L, LA, P, PA, RGB, RGBA, CMYK, YCbCr with 8 bits")


def _deep_tiff(image: TiffImagePlugin.TiffImageFile, name: str) -> Layout:
    bits = bits_of_tiff(image)
    if image.mode in ("I;16", "I;16B", "I;16L") and bits in (12, 16):
        return Layout(1, 16, False)
    if image.mode == "CMYK" and bits == 16:
        return Layout(3, 8, False, "16-bit CMYK read as 8-bit")
    if image.mode not in ("RGB", "RGBA") or bits != 16:
        kind = {"F": "float", "I": "signed or 32-bit integer"}.get(image.mode, image.mode)
        raise _refused(name, f"{bits}-bit {kind} TIFF", "unsigned 8- or 16-bit grey or RGB")
    if image.tag_v2.get(_PLANAR, 1) != 1:
        raise _refused(name, "16-bit TIFF in separate planes", "16-bit TIFF with interleaved samples")
    return Layout(3, 16, image.mode == "RGBA")


def _ppm_maximum(image: ImageFile.ImageFile) -> int:
    args = image.tile[0].args
    if image.mode == "I":
        return 65535
    return args[1] if isinstance(args, tuple) and len(args) == 2 and isinstance(args[1], int) else 255


def _palette_is_grey(image: Image.Image) -> bool:
    if image.palette is None:
        return False
    order, data = image.palette.getdata()
    entries = np.frombuffer(bytes(data), np.uint8)
    if order == "RGB;L":
        colours = entries.reshape(3, -1).T
    else:
        step = 4 if order in ("BGRX", "RGBA", "RGBX") else 3
        colours = entries[: len(entries) // step * step].reshape(-1, step)[:, :3]
    return bool((colours == colours[:, :1]).all())


def _avif_note(picture: OpenPicture) -> str:
    # Pillow decodes AVIF to 8 bits; the depth stands in the codec's configuration box.
    place = picture.handle.tell()
    picture.handle.seek(0)
    head = picture.handle.read(65536)
    picture.handle.seek(place)
    box = head.find(b"av1C")
    if box < 0 or box + 7 > len(head) or not head[box + 6] & 0x40:
        return ""
    return f"{12 if head[box + 6] & 0x20 else 10}-bit AVIF read as 8-bit"


def _refused(name: str, found: str, allowed: str) -> ImageError:
    return ImageError(f"{name}: {found} is not read, lest it be clipped; allowed: {allowed}")
