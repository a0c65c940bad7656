"""Opened picture → upright array of integer samples."""

import io
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageCms, ImageFile, PngImagePlugin, TiffImagePlugin

from img2img.images.formats.jpeg import NotDecoded, decode_jpeg
from img2img.images.formats.png_rows import check_rows
from img2img.images.formats.tiff_streams import check_streams
from img2img.images.formats.webp_end import check_webp_end
from img2img.images.layout import Layout, bits_of_tiff, rawmode_of
from img2img.images.opening import OpenPicture
from img2img.images.photo import Samples

_BESIDE = 1 << 26  # bytes of metadata in a JPEG
_PHOTOMETRIC, _WIDTH, _LENGTH, _WHITE_IS_ZERO = 262, 256, 257, 0
_OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_TURN: dict[int, Callable[[Samples], Samples]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a.swapaxes(0, 1)[:, ::-1],
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: a.swapaxes(0, 1)[::-1],
}


def turned(array: Samples, orientation: int) -> Samples:
    """(H, W, C) as EXIF `orientation` 1 to 8 asks for it: a view, upright."""
    return _TURN[orientation](array)


def decode(picture: OpenPicture, layout: Layout) -> tuple[Samples, str]:
    """Decode the first frame, not yet turned (TIFF: turned by Pillow).

    Returns (H, W, C) uint8 or uint16 with C = layout.channels (+ 1 for alpha), and a note or "".
    Raises whatever Pillow raises on damage, and ValueError for damage that it passes over; `opened` makes one line of
    either.
    """
    samples, note = _decode(picture, layout)
    if picture.folder is not None:
        check_streams(picture.handle, picture.folder, samples)
    if picture.chunks is not None:
        check_rows(picture.handle, samples)
    if picture.format == "WEBP":
        check_webp_end(picture.handle, picture.image.size)
    return samples, note


def _decode(picture: OpenPicture, layout: Layout) -> tuple[Samples, str]:
    image, said = picture.image, ""
    if picture.format == "JPEG":
        samples, said = _decode_jpeg(picture)
        if samples is not None:
            return samples, said
    if layout.bits == 16:
        return _decode_deep(picture, layout), ""
    scale = {"L;2": 85, "L;4": 17}.get(rawmode_of(image), 1)  # Pillow spreads the samples but not the tRNS key
    _reserve(image)
    if image.mode == "CMYK":
        image.load()
        srgb, note = _cmyk_to_srgb(image)
        return np.asarray(srgb), "; ".join(filter(None, (said, note)))
    if image.mode in ("1", "L", "RGB") and layout.alpha:
        key = image.info["transparency"]
        if image.mode == "1":
            return _with_key(np.atleast_3d(np.asarray(image.convert("L"))), 255 if key else 0), ""
        return _with_key(np.atleast_3d(np.asarray(image)), key if image.mode == "RGB" else key * scale), ""
    mode = ("LA" if image.mode in ("LA", "La") else "RGBA") if layout.alpha else _opaque_mode(image.mode)
    array = np.atleast_3d(np.asarray(image if image.mode == mode else image.convert(mode)))
    if layout.channels == 1 and array.shape[2] > 2:  # a palette of greys
        array = array[..., [0, 3]] if layout.alpha else array[..., :1]
    return array, ""


def _decode_jpeg(picture: OpenPicture) -> tuple[Samples | None, str]:
    """The samples, and a note; no samples where Pillow is to decode what is known to be whole."""
    image, handle = picture.image, picture.handle
    kind = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}.get(image.mode)
    place = handle.tell()
    handle.seek(0)
    data = handle.read(6 * image.width * image.height + _BESIDE)
    handle.seek(place)
    try:
        samples, note = decode_jpeg(data, kind or "RGB", image.size)
    except NotDecoded:
        return None, ""
    if image.mode == "CMYK" and note:  # Pillow wants an end
        image.fp = io.BytesIO(data.rstrip(b"\xff") + b"\xff\xd9")
    return (samples, note) if kind in ("GRAY", "RGB") else (None, note)


def _opaque_mode(mode: str) -> str:
    return "L" if mode in ("1", "L") else "RGB"


def _reserve(image: ImageFile.ImageFile) -> None:
    # Pillow's TIFF reader holds its global size limit against the file when it makes room; `opened` has checked ours.
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        image.im = Image.new(image.mode, (image.tag_v2[_WIDTH], image.tag_v2[_LENGTH])).im


def _with_key(colour: Samples, key: int | tuple[int, ...]) -> Samples:
    opaque = (colour != np.asarray(key, colour.dtype)).any(axis=2, keepdims=True)
    return np.concatenate([colour, opaque * np.iinfo(colour.dtype).max], axis=2, dtype=colour.dtype, casting="unsafe")


def _cmyk_to_srgb(image: Image.Image) -> tuple[Image.Image, str]:
    if image.format == "JPEG" and "adobe" not in image.info:
        image = ImageChops.invert(image)  # Pillow takes every CMYK JPEG for Adobe's, which are stored inverted
    profile = image.info.get("icc_profile")
    if not profile:
        return image.convert("RGB"), ""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        assert converted is not None
    except (ImageCms.PyCMSError, OSError):  # the pixels are loaded: nothing here reads the file
        return image.convert("RGB"), "CMYK profile unreadable, converted without it"
    return converted, ""


def _decode_deep(picture: OpenPicture, layout: Layout) -> Samples:
    image = picture.image
    rawmode = rawmode_of(image)
    if image.mode.startswith("I"):
        return _decode_deep_grey(image, layout)
    if isinstance(image, PngImagePlugin.PngImageFile) and rawmode.startswith("LA"):
        _rename_rawmode(image, lambda _: "RGBA")  # four bytes a pixel either way: L high, L low, A high, A low
        return np.asarray(image).view(">u2").astype(np.uint16)
    # Pillow keeps the high byte of 16-bit colour. Told the other byte order, it keeps the low one.
    low = picture.again()
    _rename_rawmode(low, lambda raw: _straight(raw)[:-1] + _OTHER_ORDER[raw[-1]])
    array = _bytes_of(low).astype(np.uint16)
    del low  # frees 4 bytes a pixel
    _rename_rawmode(image, _straight)
    array |= _bytes_of(image).astype(np.uint16) << 8
    if rawmode.startswith("RGBa"):
        return _unpremultiplied(array)
    key = image.info.get("transparency") if layout.alpha and image.mode == "RGB" else None
    return array if key is None else _with_key(array, key)


def _decode_deep_grey(image: ImageFile.ImageFile, layout: Layout) -> Samples:
    _reserve(image)
    array: Samples = np.atleast_3d(np.asarray(image)).astype(np.uint16)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        if bits_of_tiff(image) == 12:
            array = array << 4 | array >> 8
        if image.tag_v2.get(_PHOTOMETRIC, 1) == _WHITE_IS_ZERO:
            array = ~array
    return _with_key(array, image.info["transparency"]) if layout.alpha else array


def _straight(rawmode: str) -> str:
    # "RGBa" would divide by alpha in 8 bits; `_unpremultiplied` does it in 16
    return rawmode.replace("RGBa", "RGBA")


def _rename_rawmode(image: ImageFile.ImageFile, rename: Callable[[str], str]) -> None:
    def renamed(args: Any) -> Any:
        return rename(args) if isinstance(args, str) else (rename(args[0]), *args[1:])

    image.tile = [tile._replace(args=renamed(tile.args)) for tile in image.tile]


def _bytes_of(image: ImageFile.ImageFile) -> Samples:
    _reserve(image)
    return np.asarray(image)


def _unpremultiplied(array: Samples) -> Samples:
    alpha = array[..., 3:].astype(np.uint32)
    colour = (array[..., :3].astype(np.uint32) * 65535 + alpha // 2) // np.maximum(alpha, 1)
    return np.concatenate([np.minimum(colour, 65535), alpha], axis=2).astype(np.uint16)
