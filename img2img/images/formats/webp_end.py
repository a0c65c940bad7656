"""Damage inside a WebP's data, which has no checksum: a decoder that lost its way needs fewer bytes than there are.

VP8 (RFC 6386, 7.3) and VP8L (RFC 9649) end with what the last pixels need, and a decoder that runs out of bytes says
so. From a damaged place on it reads other symbols than were written: it runs out early, or it is done too soon. Of the
same data without their last bytes a whole picture cannot be made; where one is made, they were not its data.

Found so in 60 pictures of 33 and 200 px, zeroed or with one bit flipped: of the lossy ones all that lost their tail, 23
of 26 with 200 bytes of zeros, 21 of 26 with one bit; of the lossless ones 12 of 16, 12 of 16 and none. Nothing can tell
the rest, nor such damage in an AVIF, whose decoders read on whatever the bits say: there is no checksum in either.
"""

from __future__ import annotations

import io
import struct
from typing import BinaryIO

from PIL import WebPImagePlugin

_CUT = 16
"""Bytes; encoders fill up with 4 (libvpx) or fewer."""
_MOST_PIXELS = 1 << 26
"""The picture is decoded twice; of larger ones the second would take gigabytes."""


def check_webp_end(file: BinaryIO, size: tuple[int, int]) -> None:
    """size: of the picture, which was decoded; (W, H) px. The file's place is kept.

    Raises ValueError where it can be decoded without its last bytes; nothing for animations.
    """
    if size[0] * size[1] > _MOST_PIXELS:
        return
    place = file.tell()
    try:
        cut = _without_last_bytes(file)
    finally:
        file.seek(place)
    if cut is None:
        return
    try:
        WebPImagePlugin.WebPImageFile(io.BytesIO(cut)).load()
    except Exception:  # as it should be
        return
    raise ValueError("its data end before the picture does, or go on behind it")


def _without_last_bytes(file: BinaryIO) -> bytes | None:
    """A WebP of the picture's own data alone, without alpha and without the last bytes; None where it has no such."""
    file.seek(12)
    while len(head := file.read(8)) == 8:
        kind, length = struct.unpack("<4sI", head)
        if kind not in (b"VP8 ", b"VP8L"):
            file.seek(length + (length & 1), io.SEEK_CUR)
            continue
        data = file.read(length)[:-_CUT]
        chunk = struct.pack("<4sI", kind, len(data)) + data + bytes(len(data) & 1)
        return struct.pack("<4sI4s", b"RIFF", 4 + len(chunk), b"WEBP") + chunk
    return None
