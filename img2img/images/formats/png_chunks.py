"""A PNG's chunks: their checksums, and what they say besides the pixels (PNG specification, third edition, chapter 5).

Pillow checks no checksum of the pixels' chunks, and takes a good file with a large text for a damaged one.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from dataclasses import dataclass, field
from typing import BinaryIO

_START = 8  # bytes of the signature
_CRITICAL = 0x20  # of a type's first letter: lower case, the picture is whole without it
_PIECE = 1 << 20
_LONGEST = 1 << 24  # bytes: a profile, a text; what is longer is skipped
_MOST_TEXT = 1 << 16  # bytes of texts and profiles in all that Pillow is shown
_MOST_CHUNKS = 1_000_000
_PACKED = (b"zTXt", b"iTXt", b"iCCP")
_KEPT = frozenset((*_PACKED, b"tEXt", b"eXIf", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"pHYs"))


@dataclass
class PngChunks:
    """What a PNG says besides its pixels: the contents of each kind of chunk, in their order; skipped: kinds of chunks
    that are too long to be kept."""

    found: dict[bytes, list[bytes]] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    def first(self, kind: bytes) -> bytes | None:
        """The first one of a kind; None where there is none."""
        return self.found[kind][0] if kind in self.found else None


def read_chunks(file: BinaryIO, thorough: bool) -> PngChunks:
    """Walk through the chunks up to IEND, whatever lies behind it; the file's place is kept.

    thorough: check every checksum, else those of the pixels' chunks are passed over.
    Raises ValueError: a wrong checksum, an end in the middle of the pixels.
    """
    place = file.tell()
    file.seek(_START)
    try:
        return _walk(file, thorough)
    finally:
        file.seek(place)


def without_texts(file: BinaryIO) -> BinaryIO:
    """The same picture without texts and profiles, for Pillow, in memory."""
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    parts = [file.read(_START)]
    while len(head := file.read(8)) == 8:
        count, kind = struct.unpack(">I4s", head)
        if kind in _PACKED or kind in (b"tEXt", b"eXIf"):
            file.seek(count + 4, os.SEEK_CUR)
        else:
            parts += [head, file.read(min(count + 4, length))]
        if kind == b"IEND":
            break
    return io.BytesIO(b"".join(parts))


def is_heavy(chunks: PngChunks) -> bool:
    """Whether Pillow might choke on the texts and profiles: it unpacks them all, up to a limit that is an error."""
    packed = [content for kind in _PACKED for content in chunks.found.get(kind, ())]
    plain = chunks.found.get(b"tEXt", ())
    return bool(chunks.skipped) or sum(map(len, (*packed, *plain))) > _MOST_TEXT or any(map(_is_odd, packed))


def unpacked(content: bytes) -> bytes | None:
    """A deflated text or profile; None where it is damaged, or longer than 16 MiB."""
    inflate = zlib.decompressobj()
    try:
        found = inflate.decompress(content, _LONGEST)
    except zlib.error:
        return None
    return found if inflate.eof else None


def _is_odd(content: bytes) -> bool:
    # 1000 bytes unpack to a megabyte at most, which Pillow allows; a method that is none, to it, is damage
    name = content.find(b"\0")
    return len(content) > 1000 or name < 0 or any(content[name + 1 : name + 2] or b"\1")


def _walk(file: BinaryIO, thorough: bool) -> PngChunks:
    chunks, pixels = PngChunks(), False
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            if not pixels:
                raise ValueError("it ends before its pixels")
            return chunks  # only the end mark is missing: whether all pixels are there, the decoder says
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IEND":
            return chunks
        pixels |= kind == b"IDAT"
        keep = kind in _KEPT and length <= _LONGEST
        if kind in _KEPT and not keep:
            chunks.skipped.append(kind.decode())
        if keep or thorough:
            content = _checked(file, kind, length, keep, pixels)
            if content is None:
                return chunks
            if keep:
                chunks.found.setdefault(kind, []).append(content)
        else:
            file.seek(length + 4, os.SEEK_CUR)
    raise ValueError(f"more than {_MOST_CHUNKS} chunks")


def _checked(file: BinaryIO, kind: bytes, length: int, keep: bool, pixels: bool) -> bytes | None:
    """The content of a chunk where it is to be kept, else b""; None where the file ends in it, behind the pixels."""
    checksum, left, content = zlib.crc32(kind), length, b""
    while left and (part := file.read(min(left, _PIECE))):
        checksum = zlib.crc32(part, checksum)
        left -= len(part)
        if keep:
            content += part
    stated = file.read(4)
    if left or len(stated) < 4:
        if pixels and kind[0] & _CRITICAL:
            return None
        raise ValueError(f"it ends in the middle of a {_named(kind)} chunk")
    if stated != checksum.to_bytes(4, "big"):
        raise ValueError(f"wrong checksum of a {_named(kind)} chunk")
    return content


def _named(kind: bytes) -> str:
    return kind.decode("latin-1") if kind.isalpha() else repr(kind)
