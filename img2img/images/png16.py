"""16-bit PNG: Pillow writes it in grey alone, OpenCV without profile and EXIF (PNG specification, third edition)."""

import struct
import zlib
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np

from img2img.images.photo import Chunk, Samples

_COLOUR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}
_UP = 2  # each row as its difference to the row above
_BAND = 64  # rows


def write_png16(samples: Samples, out: BinaryIO, before: Sequence[Chunk]) -> None:
    """Write (H, W, C) uint16, C = 1 to 4 (grey, grey + alpha, RGB, RGBA), row band by row band.

    before: chunks that stand before the pixels.
    """
    height, width, channels = samples.shape
    out.write(b"\x89PNG\r\n\x1a\n")
    _chunk(out, b"IHDR", struct.pack(">IIBBBBB", width, height, 16, _COLOUR_TYPE[channels], 0, 0, 0))
    for kind, content in before:
        _chunk(out, kind, content)
    deflate = zlib.compressobj(6)
    above = np.zeros((1, width * channels * 2), np.uint8)
    for start in range(0, height, _BAND):
        band = samples[start : start + _BAND]
        rows = np.ascontiguousarray(band, ">u2").reshape(len(band), -1).view(np.uint8)
        filtered = np.full((len(rows), 1 + rows.shape[1]), _UP, np.uint8)
        np.subtract(rows, np.concatenate([above, rows[:-1]]), out=filtered[:, 1:])
        above = rows[-1:]
        _data(out, deflate.compress(filtered.tobytes()))
    _data(out, deflate.flush())
    _chunk(out, b"IEND", b"")


def _data(out: BinaryIO, packed: bytes) -> None:
    if packed:
        _chunk(out, b"IDAT", packed)


def _chunk(out: BinaryIO, kind: bytes, content: bytes) -> None:
    out.write(struct.pack(">I", len(content)) + kind + content)
    out.write(struct.pack(">I", zlib.crc32(content, zlib.crc32(kind))))
