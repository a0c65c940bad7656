"""Whether a PNG's data are as many as its pixels: Pillow leaves what is missing black, where they end in good order."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from img2img.images.photo import Samples

_START = 8  # bytes of the signature
_PIECE = 1 << 20
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a pixel, by the colour type
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""First column and row, steps across and down of each pass of an interlaced picture."""


def check_rows(file: BinaryIO, samples: Samples) -> None:
    """Raise ValueError where data for some of the rows are missing; the file's place is kept.

    samples: as decoded. The data are unpacked again only where the last row is of one colour, as missing rows are, or
    the picture is interlaced.
    """
    place = file.tell()
    file.seek(_START + 8)
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", file.read(13))
    try:
        if interlaced or (samples[-1] == samples[-1, :1]).all():
            wanted = _bytes_of(width, height, depth * _SAMPLES[colour], bool(interlaced))
            found = sum(_unpacked(file, wanted))
            if found < wanted:
                raise ValueError(f"{found} bytes of pixels; wanted: {wanted}")
    finally:
        file.seek(place)


def _bytes_of(width: int, height: int, bits: int, interlaced: bool) -> int:
    """Of all rows, each with its filter's byte before it."""
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


def _unpacked(file: BinaryIO, wanted: int) -> Iterator[int]:
    """The lengths of the parts that the pixels' chunks unpack to, until there are enough."""
    inflate, found = zlib.decompressobj(), 0
    file.seek(_START)
    while len(head := file.read(8)) == 8 and found < wanted and not inflate.eof:
        left, kind = struct.unpack(">I4s", head)
        if kind == b"IEND":
            return
        if kind != b"IDAT":
            file.seek(left + 4, 1)
            continue
        while left and (piece := file.read(min(left, _PIECE))):
            left -= len(piece)
            while piece and found < wanted and not inflate.eof:
                part = len(inflate.decompress(piece, _PIECE))
                found += part
                yield part
                piece = inflate.unconsumed_tail
        file.seek(4, 1)
