"""What a file says of its colours other than by an ICC profile, as an ICC profile.

PNG: cICP, sRGB, gAMA and cHRM, in this order (PNG specification, third edition, 4.3). AVIF and HEIC: the nclx box
(ISO 23008-12; code points of ITU-T H.273). TIFF: TransferFunction, WhitePoint and PrimaryChromaticities (TIFF 6.0, 20).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import TiffImagePlugin

from img2img.images.formats.png_chunks import PngChunks, unpacked
from img2img.images.opening import OpenPicture
from img2img.images.photo import Chunk

from .icc import (
    BT709,
    D65,
    SRGB_CURVE,
    Primaries,
    gamma_curve,
    grey_profile,
    line_and_power,
    rgb_profile,
    table_curve,
)

_C = (0.310, 0.316)
_PRIMARIES: dict[int, Primaries] = {
    1: BT709,
    4: (*_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    8: (*_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (*D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
_BT709_CURVE = line_and_power(1 / 0.45, 0.099, 4.5, 0.081)
_UNSAID, _SRGB, _PQ, _HLG = 2, 13, 16, 18
_HDR = {_PQ: "PQ", _HLG: "HLG"}
_COLOUR_CHUNKS = (b"cICP", b"sRGB", b"gAMA", b"cHRM")


class Colour(NamedTuple):
    """A profile, or None; what a PNG of the result says instead of it; what a user should know."""

    icc: bytes | None
    chunks: tuple[Chunk, ...] = ()
    note: str = ""


def colour_of(picture: OpenPicture, channels: int) -> Colour:
    """What an opened picture says of the colours of its samples, `channels` = 1 or 3. Never raises."""
    if picture.chunks is not None:
        return _of_png(picture.chunks, channels)
    icc = picture.image.info.get("icc_profile") or None
    if icc is not None:
        return Colour(icc)
    if picture.format in ("AVIF", "HEIF"):
        code = _nclx(picture.handle)
        return Colour(None) if code is None else _of_code(*code, channels)
    if isinstance(picture.image, TiffImagePlugin.TiffImageFile):
        return Colour(_of_tiff(picture.image, channels))
    return Colour(None)


def _of_png(chunks: PngChunks, channels: int) -> Colour:
    told = tuple((kind, content) for kind in _COLOUR_CHUNKS if (content := chunks.first(kind)) is not None)
    code = chunks.first(b"cICP")
    if code is not None and len(code) == 4:
        return _of_code(code[0], code[1], channels)._replace(chunks=told)
    if (content := chunks.first(b"iCCP")) is not None:
        icc = unpacked(content[content.find(b"\0") + 2 :])
        return Colour(icc, note="" if icc else "its colour profile is damaged, left out")
    if chunks.first(b"sRGB") is not None:
        return Colour(_profile(BT709, SRGB_CURVE, channels), told)
    gamma, corners = chunks.first(b"gAMA"), chunks.first(b"cHRM")
    if gamma is None and corners is None:
        return Colour(None)
    exponent = int.from_bytes(gamma or b"", "big") / 100_000
    curve = gamma_curve(1 / exponent) if 0.01 < exponent < 100 else SRGB_CURVE
    primaries = BT709
    if corners is not None and len(corners) == 32:
        primaries = tuple(value / 100_000 for value in struct.unpack(">8I", corners))  # type: ignore[assignment]
    return Colour(_profile(primaries, curve, channels), told)


def _of_code(primaries: int, transfer: int, channels: int) -> Colour:
    note = f"HDR ({_HDR[transfer]}): its levels are converted as they are" if transfer in _HDR else ""
    if primaries in (1, _UNSAID) and transfer in (_SRGB, _UNSAID):
        return Colour(None)
    code = bytes((primaries, transfer, 0, 1))
    corners = _PRIMARIES.get(primaries, BT709)
    curve = _curve_of(transfer)
    icc = grey_profile(curve) if channels == 1 else rgb_profile(corners, [curve], code)
    return Colour(icc, ((b"cICP", code),), note)


def _curve_of(transfer: int) -> bytes:
    if transfer in (1, 6, 14, 15):
        return _BT709_CURVE
    if transfer in _HDR:
        return table_curve(_pq() if transfer == _PQ else _hlg())
    exponent = {4: 2.2, 5: 2.8, 8: 1.0, 17: 2.6}.get(transfer)
    return SRGB_CURVE if exponent is None else gamma_curve(exponent)


def _pq() -> np.ndarray:
    """SMPTE ST 2084, light as a share of 10,000 cd/m²."""
    root = np.linspace(0, 1, 4096) ** (32 / 2523)
    return (np.maximum(root - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * root)) ** (16384 / 2610)


def _hlg() -> np.ndarray:
    """ARIB STD-B67, the scene's light as a share of the most."""
    sample = np.linspace(0, 1, 4096)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(sample <= 0.5, sample**2 / 3, (np.exp((sample - c) / a) + b) / 12)


def _profile(primaries: Primaries, curve: bytes, channels: int) -> bytes | None:
    return grey_profile(curve) if channels == 1 else rgb_profile(primaries, [curve])


def _nclx(file: BinaryIO) -> tuple[int, int] | None:
    """Primaries and transfer of the first nclx box among a file's item properties."""
    place = file.tell()
    file.seek(0)
    head = file.read(1 << 20)  # the description stands in front
    file.seek(place)
    for kind, content in _boxes(head):
        if kind == b"meta":
            return next(_codes(content[4:]), None)
    return None


def _codes(content: bytes) -> Iterator[tuple[int, int]]:
    for kind, inner in _boxes(content):
        if kind in (b"iprp", b"ipco"):
            yield from _codes(inner)
        elif kind == b"colr" and inner[:4] == b"nclx" and len(inner) >= 8:
            primaries, transfer = struct.unpack(">HH", inner[4:8])
            yield min(primaries, 255), min(transfer, 255)  # none beyond has a meaning


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place + 8 <= len(content):
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        size = size or len(content) - place
        if size < 8:
            return
        yield kind, content[place + 8 : place + size]
        place += size


def _of_tiff(image: TiffImagePlugin.TiffImageFile, channels: int) -> bytes | None:
    tags = image.tag_v2
    table, white, corners = (tags.get(tag) for tag in (301, 318, 319))
    if table is None and corners is None:
        return None
    try:
        numbers = np.asarray(table if table is not None else (), float) / 65535
        parts = np.split(numbers, 3) if channels == 3 and len(numbers) in (3 << 8, 3 << 16) else [numbers]
        curves = [table_curve(part[:: max(1, len(part) // 4096)]) for part in parts if len(part)] or [gamma_curve(2.2)]
        if channels == 1:
            return grey_profile(curves[0])
        points = (*(white or D65), *(corners or BT709[2:]))
        return rgb_profile(tuple(map(float, points)), curves)  # type: ignore[arg-type]
    except (ValueError, TypeError, ZeroDivisionError):
        return None
