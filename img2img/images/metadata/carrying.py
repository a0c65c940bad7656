"""Profile and metadata as each format has a place for them; what has none is said."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Any

from PIL import PngImagePlugin

from img2img.images.metadata import xmp as packets
from img2img.images.photo import Chunk, Metadata

from .exif import PREFIX, resized, with_resolution
from .reading import IPTC_KEYWORD, IPTC_RECORD, XMP_KEYWORD

_MARKER = 65533  # bytes in one of a JPEG's
_XMP_MARKER = _MARKER - 29
_PROFILE_SPACE = {1: b"GRAY", 2: b"GRAY", 3: b"RGB ", 4: b"RGB "}
_COMMENTS = ("Comment", "Description")


@dataclass(frozen=True)
class Carried:
    """What one file of one format is given besides its pixels."""

    icc: bytes | None
    exif: bytes | None
    more: Metadata


def carried(
    format: str, icc: bytes | None, exif: bytes | None, more: Metadata, width: int, height: int, channels: int
) -> tuple[Carried, str]:
    """What a picture of this size and so many channels keeps in this format, and a note of what it does not."""
    left = []
    if icc and icc[16:20] != _PROFILE_SPACE[channels]:
        icc = None
        left.append("colour profile of other channels")
    exif = resized(exif, width, height) if exif else None
    xmp = packets.resized(more.xmp, width, height) if more.xmp else None
    iptc, texts = more.iptc, more.texts
    if format in ("WEBP", "AVIF"):
        exif = with_resolution(exif, more.dpi) if more.dpi else exif
        left += ["IPTC"] if iptc else []
        iptc = None
    if format == "JPEG":
        exif, xmp, iptc = (_short(*part, left) for part in ((exif, "EXIF"), (xmp, "XMP"), (iptc, "IPTC")))
    if format != "PNG":
        told = [text for text in texts if format in ("JPEG", "TIFF") and text[0] in _COMMENTS][:1]
        if others := [keyword for keyword, _ in texts if keyword not in {keyword for keyword, _ in told}]:
            left.append(f"text ({', '.join(others)[:80]})")
        texts = tuple(told)
    note = f"{format} has no place for: {', '.join(left)}" if left else ""
    return Carried(icc, exif, Metadata(more.dpi, xmp, iptc, texts, more.colour if format == "PNG" else ())), note


def png_chunks(what: Carried) -> list[Chunk]:
    """All of it as a PNG's chunks, to stand before the pixels."""
    more = what.more
    chunks = list(more.colour)
    if what.icc and not chunks:
        chunks.append((b"iCCP", b"ICC Profile\0\0" + zlib.compress(what.icc)))
    if what.exif:
        chunks.append((b"eXIf", what.exif.removeprefix(PREFIX)))
    if more.dpi:
        across, down = (round(dpi / 0.0254) for dpi in more.dpi)
        chunks.append((b"pHYs", struct.pack(">IIB", across, down, 1)))
    if more.xmp:
        chunks.append((b"iTXt", XMP_KEYWORD.encode() + bytes(5) + more.xmp))
    if more.iptc:
        block = _photoshop(more.iptc)
        text = f"\niptc\n{len(block):8d}\n{block.hex()}\n"
        chunks.append((b"zTXt", IPTC_KEYWORD.encode() + b"\0\0" + zlib.compress(text.encode())))
    return chunks + [_text(keyword, text) for keyword, text in more.texts]


def pillow_settings(format: str, what: Carried) -> dict[str, Any]:
    """All of it as Pillow's writers of JPEG, PNG, WebP and AVIF take it."""
    more = what.more
    settings: dict[str, Any] = {}
    if format == "PNG":
        info = PngImagePlugin.PngInfo()
        for kind, content in png_chunks(what):
            if kind == b"iCCP":
                settings["icc_profile"] = what.icc
            elif kind == b"eXIf":
                settings["exif"] = what.exif
            elif kind == b"pHYs":
                settings["dpi"] = more.dpi
            else:
                info.add(kind, content)
        return {**settings, "pnginfo": info}
    if what.icc:
        settings["icc_profile"] = what.icc
    if what.exif:
        settings["exif"] = what.exif
    if more.xmp:
        settings["xmp"] = more.xmp
    if format == "JPEG":
        if more.dpi:
            settings["dpi"] = more.dpi
        if more.texts:
            settings["comment"] = more.texts[0][1].encode()[:_MARKER]
        if more.iptc:
            block = b"Photoshop 3.0\0" + _photoshop(more.iptc)
            settings["extra"] = b"\xff\xed" + struct.pack(">H", 2 + len(block)) + block
    return settings


def _short(part: bytes | None, name: str, left: list[str]) -> bytes | None:
    """A part that one marker of a JPEG can hold."""
    if part is None or len(part) <= (_MARKER if name == "EXIF" else _XMP_MARKER):
        return part
    left.append(f"{len(part)} bytes of {name}")
    return None


def _photoshop(iptc: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HHI", IPTC_RECORD, 0, len(iptc)) + iptc + bytes(len(iptc) % 2)


def _text(keyword: str, text: str) -> Chunk:
    name = keyword.encode("latin-1", "replace")[:79] or b"Comment"
    try:
        return b"tEXt", name + b"\0" + text.encode("latin-1")
    except UnicodeEncodeError:
        return b"iTXt", name + bytes(5) + text.encode()
