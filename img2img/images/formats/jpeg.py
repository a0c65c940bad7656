"""JPEG → samples, with libjpeg's warnings of damaged data, which Pillow and OpenCV pass over."""

from __future__ import annotations

import re

import simplejpeg

from img2img.images.photo import Samples

from .jpeg_scans import check_scans

_DAMAGE = ("Corrupt JPEG data", "Inconsistent progression sequence")
_HARMLESS = "bad ICC marker"  # the one of libjpeg's "Corrupt JPEG data" that is not about the pixels
_CUT = "Premature end of JPEG file"
_END = b"\xff\xd9"
_EXTRANEOUS = re.compile(r"(\d+) extraneous bytes before marker 0xd9")
_FILLING = 3  # bytes of zeros that writers who align their files to four bytes leave before the end
_MOST_SCANS = 1000  # each of them takes as long as the picture is large; encoders write about ten

NO_END = "its end marker is missing, the picture is whole"


class NotDecoded(Exception):
    """A JPEG that this decoder does not take: Pillow is asked."""


def decode_jpeg(data: bytes, colourspace: str, size: tuple[int, int]) -> tuple[Samples, str]:
    """Decode a JPEG whose header says that it is `size` (width, height) px.

    colourspace: GRAY, RGB or CMYK (as stored) of the result, (H, W, 1, 3 or 4) uint8; and a note or "".
    Raises ValueError for damage: data that ends too early, or when the picture is full; codes that are none.
    Raises NotDecoded where libjpeg-turbo's own interface does not take the file at all.
    """
    if data.count(b"\xff\xda") > _MOST_SCANS:
        raise ValueError(f"more than {_MOST_SCANS} scans")
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(data, strict=False)
    except ValueError as cause:
        raise NotDecoded(str(cause)) from None
    if (width, height) != size:
        raise ValueError(f"it says both {size[0]} x {size[1]} and {width} x {height} px")
    samples, warning = _strictly(data, colourspace)
    note = ""
    if warning == _CUT:
        samples, warning = _strictly(data.rstrip(b"\xff") + _END, colourspace)
        note = NO_END
    if warning.startswith(_DAMAGE) and _HARMLESS not in warning and not _is_filling(data, warning):
        raise ValueError(_in_words(warning))
    check_scans(data)
    if samples is None:
        samples = _leniently(data, colourspace)
    return samples, note


def _strictly(data: bytes, colourspace: str) -> tuple[Samples | None, str]:
    """Samples, or what was warned of."""
    try:
        return simplejpeg.decode_jpeg(data, colourspace, strict=True), ""
    except ValueError as warning:
        return None, str(warning)


def _leniently(data: bytes, colourspace: str) -> Samples:
    try:
        return simplejpeg.decode_jpeg(data, colourspace, strict=False)
    except ValueError as cause:
        raise NotDecoded(str(cause)) from None


def _is_filling(data: bytes, warning: str) -> bool:
    match = _EXTRANEOUS.search(warning)
    if not match or int(match[1]) > _FILLING:
        return False
    count = int(match[1])
    end = data.rfind(_END)
    return data[end - count : end] == bytes(count)


def _in_words(warning: str) -> str:
    return f"truncated or overwritten: {warning}" if "remature end" in warning else warning


def check_stream(data: bytes, most: int, colourspace: str) -> None:
    """Decode a JPEG of at most `most` px that is part of another file, and throw it away.

    Raises ValueError as `decode_jpeg` does. One that this decoder does not take at all passes.
    """
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(data, strict=False)
    except ValueError:
        return
    if height * width > most:
        raise ValueError(f"{width} x {height} px")
    _, warning = _strictly(data, colourspace)
    if warning.startswith(_DAMAGE) or warning == _CUT:
        raise ValueError(_in_words(warning))
