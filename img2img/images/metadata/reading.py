"""Reads what a file says besides pixels, profile and EXIF: print resolution, XMP, IPTC, comments, a PNG's texts."""

from __future__ import annotations

import struct
from typing import Any

from PIL import TiffImagePlugin

from img2img.images.formats.png_chunks import PngChunks, unpacked
from img2img.images.metadata import xmp as packets
from img2img.images.opening import OpenPicture
from img2img.images.photo import Metadata, Resolution

from .exif import ExifBlock

XMP_KEYWORD, IPTC_KEYWORD = "XML:com.adobe.xmp", "Raw profile type iptc"
IPTC_RECORD = 0x0404
_PROFILE_KEYWORDS = "Raw profile type "
_TIFF_XMP, _TIFF_IPTC, _TIFF_RESOLUTION = 700, 33723, 282
_LONGEST = 1 << 24  # bytes
_METRE = 0.0254


def metadata_of(picture: OpenPicture, exif: bytes | None, turned: bool) -> tuple[Metadata, str]:
    """What an opened picture says, and a note of what is not kept. exif: its block. turned: it is given upright now."""
    try:
        found = _of_png(picture.chunks) if picture.chunks is not None else _of_others(picture)
        dpi = _resolution(picture, exif)
    except Exception:  # Pillow raises what it likes on damage; the pixels are good all the same
        return Metadata(), "metadata damaged, left out"
    if turned and dpi is not None:
        dpi = (dpi[1], dpi[0])
    packet, note = found.xmp, ""
    if packet is not None and packets.is_of_other_pictures(packet):
        packet, note = None, packets.GAIN_MAP
    packet = packets.upright(packet) if packet else None
    return Metadata(dpi, packet, found.iptc, found.texts), note


def _of_png(chunks: PngChunks) -> Metadata:
    texts = dict[str, str]()
    for content in chunks.found.get(b"tEXt", ()):
        keyword, _, text = content.partition(b"\0")
        texts[keyword.decode("latin-1")] = text.decode("latin-1")
    for content in chunks.found.get(b"zTXt", ()):
        keyword, _, text = content.partition(b"\0")
        texts[keyword.decode("latin-1")] = (unpacked(text[1:]) or b"").decode("latin-1")
    for content in chunks.found.get(b"iTXt", ()):
        keyword, _, rest = content.partition(b"\0")
        _, _, text = rest[2:].partition(b"\0")[2].partition(b"\0")
        plain = unpacked(text) if rest[:1] == b"\1" else text
        texts[keyword.decode("latin-1")] = (plain or b"").decode("utf-8", "replace")
    packet = texts.pop(XMP_KEYWORD, "").encode()
    iptc = _from_hex(texts.get(IPTC_KEYWORD, ""))
    kept = tuple((key, text) for key, text in texts.items() if not key.startswith(_PROFILE_KEYWORDS) and text)
    return Metadata(xmp=packet or None, iptc=iptc, texts=kept)


def _of_others(picture: OpenPicture) -> Metadata:
    image = picture.image
    info = image.info
    packet = _as_bytes(info.get("xmp"))
    iptc = _as_bytes(info.get("photoshop", {}).get(IPTC_RECORD)) if image.format == "JPEG" else None
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        packet, iptc = _as_bytes(image.tag_v2.get(_TIFF_XMP)), _iptc_of_tiff(image)
    comment = _as_bytes(info.get("comment")) or b""
    text = _decoded(comment.rstrip(b"\0"))
    return Metadata(xmp=packet, iptc=iptc, texts=(("Comment", text),) if text.strip() else ())


def _iptc_of_tiff(image: TiffImagePlugin.TiffImageFile) -> bytes | None:
    found: Any = image.tag_v2.get(_TIFF_IPTC)
    if isinstance(found, tuple) and found and all(isinstance(number, int) for number in found):
        # most writers call it LONG, wrongly
        order = "<" if image.tag_v2.prefix == b"II" else ">"
        return struct.pack(f"{order}{len(found)}I", *found).rstrip(b"\0") if max(found) > 255 else bytes(found)
    return _as_bytes(found)


def _resolution(picture: OpenPicture, exif: bytes | None) -> Resolution | None:
    image, info = picture.image, picture.image.info
    found: Any = None
    if picture.chunks is not None:
        found = _of_phys(picture.chunks.first(b"pHYs"))
    elif image.format == "JPEG":
        unit, density = info.get("jfif_unit"), info.get("jfif_density", (0, 0))
        found = tuple(d * (2.54 if unit == 2 else 1.0) for d in density) if unit in (1, 2) else None
    elif isinstance(image, TiffImagePlugin.TiffImageFile):
        found = info.get("dpi") if _TIFF_RESOLUTION in image.tag_v2 else None
    elif image.format == "BMP":
        found = info.get("dpi")
    if found is None and exif is not None:
        found = ExifBlock(exif).resolution
    if found is None or not all(0.01 < float(value) < 1e6 for value in found):
        return None
    return float(found[0]), float(found[1])


def _of_phys(content: bytes | None) -> Resolution | None:
    if content is None or len(content) != 9 or content[8] != 1:
        return None
    across, down = struct.unpack(">II", content[:8])
    return _tidy(across * _METRE), _tidy(down * _METRE)


def _tidy(dpi: float) -> float:
    """PNG counts in whole pixels a metre: 11811 of them were 300 an inch."""
    return float(round(dpi)) if abs(dpi - round(dpi)) <= _METRE / 2 else dpi


def _from_hex(text: str) -> bytes | None:
    """ImageMagick's writing of a profile: a name, a length, hexadecimal digits; IPTC with Photoshop's head or bare."""
    try:
        block = bytes.fromhex("".join(text.split("\n")[3:]))
    except ValueError:
        return None
    return iptc_of_photoshop(block) if block.startswith(b"8BIM") else block or None


def iptc_of_photoshop(block: bytes) -> bytes | None:
    """The IPTC record among Photoshop's image resources."""
    place = 0
    while block[place : place + 4] == b"8BIM":
        (kind,) = struct.unpack(">H", block[place + 4 : place + 6])
        place += 6 + (1 + block[place + 6]) + (1 + block[place + 6]) % 2
        (length,) = struct.unpack(">I", block[place : place + 4])
        if kind == IPTC_RECORD:
            return block[place + 4 : place + 4 + length] or None
        place += 4 + length + length % 2
    return None


def _as_bytes(found: Any) -> bytes | None:
    if isinstance(found, str):
        found = found.encode()
    return bytes(found) if isinstance(found, bytes) and 0 < len(found) <= _LONGEST else None


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")
