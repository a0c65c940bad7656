"""The compressed parts of a TIFF, checked: libtiff stops when a part is full, and never sees its checksum."""

from __future__ import annotations

import os
import zlib
from typing import BinaryIO, Literal

import numpy as np

from img2img.images.formats import tiff_folders as tags
from img2img.images.photo import Samples

from .jpeg import check_stream
from .tiff_folders import Folder

_DEFLATE, _JPEG = (8, 32946), 7
_CMYK, _YCBCR = 5, 6
_PIECE = 1 << 20


def check_streams(file: BinaryIO, folder: Folder, samples: Samples) -> None:
    """Check strips or tiles that deflate or JPEG packed, by what was decoded of them or by unpacking them again.

    samples: (H, W, C), as decoded. The file's place is kept.
    Raises ValueError: one that lies outside of the file, whose checksum is wrong, or that ends too early.
    """
    compression = folder.get(tags.COMPRESSION, (1,))[0]
    tiled = tags.TILE_OFFSETS in folder
    offsets = folder.get(tags.TILE_OFFSETS if tiled else tags.STRIP_OFFSETS, ())
    counts = folder.get(tags.TILE_COUNTS if tiled else tags.STRIP_COUNTS, ())
    if len(offsets) != len(counts) or folder.get(tags.FILL_ORDER, (1,))[0] != 1:
        return  # the decoder's own matter
    place = file.tell()
    if compression in _DEFLATE and not tiled and _sums_fit(file, folder, samples):
        file.seek(place)
        return
    length = file.seek(0, os.SEEK_END)
    try:
        for number, (offset, count) in enumerate(zip(offsets, counts, strict=True)):
            if offset + count > length:
                raise ValueError(f"part {number + 1} of {len(offsets)} lies behind the file's end")
            if compression in _DEFLATE:
                _check_deflated(file, offset, count, _bytes_of_part(folder, number))
            elif compression == _JPEG:
                file.seek(offset)
                _check_jpeg(file.read(count), folder)
    except (ValueError, zlib.error) as cause:
        raise ValueError(f"part {number + 1} of {len(offsets)}: {cause}") from None
    finally:
        file.seek(place)


def _sums_fit(file: BinaryIO, folder: Folder, samples: Samples) -> bool:
    """Whether every strip's checksum is that of the samples, packed as they were. False may mean another layout.

    A twentieth of the time that unpacking takes: 0.06 ms for 256 x 256 px of RGB.
    """
    height, width, channels = samples.shape
    bits = folder.get(tags.BITS, (1,))
    offsets, counts = folder[tags.STRIP_OFFSETS], folder[tags.STRIP_COUNTS]
    rows = folder.get(tags.ROWS, (height,))[0]
    facts = (folder.get(tags.WIDTH), folder.get(tags.LENGTH), folder.get(tags.SAMPLES, (1,)), set(bits))
    if facts != ((width,), (height,), (channels,), {samples.itemsize * 8}) or -(-height // max(rows, 1)) != len(
        offsets
    ):
        return False
    if channels > 1 and folder.get(tags.PLANAR, (1,))[0] != 1:
        return False
    file.seek(0)
    order: Literal["<", ">"] = ">" if file.read(1) == b"M" else "<"
    predictor = folder.get(tags.PREDICTOR, (1,))[0]
    for number, (offset, count) in enumerate(zip(offsets, counts, strict=True)):
        strip = samples[number * rows : (number + 1) * rows]
        if predictor == 2:
            strip = np.concatenate([strip[:, :1], strip[:, 1:] - strip[:, :-1]], axis=1)
        file.seek(max(0, offset + count - 4))
        packed = np.ascontiguousarray(strip, strip.dtype.newbyteorder(order))
        if zlib.adler32(packed.data).to_bytes(4, "big") != file.read(4):
            return False
    return True


def _check_deflated(file: BinaryIO, offset: int, count: int, wanted: int) -> None:
    inflate = zlib.decompressobj()
    file.seek(offset)
    left, found = count, 0
    while left and not inflate.eof and (piece := file.read(min(left, _PIECE))):
        left -= len(piece)
        while piece and not inflate.eof:
            found += len(inflate.decompress(piece, _PIECE))
            piece = inflate.unconsumed_tail
            if found > wanted + _PIECE:
                return  # more than a decoder takes
    if found < wanted:
        raise ValueError(f"{found} of {wanted} bytes")


def _check_jpeg(stream: bytes, folder: Folder) -> None:
    tables = bytes(folder.get(tags.JPEG_TABLES, ()))
    whole = tables[:-2] + stream[2:] if tables else stream
    most = max(1 << 22, 4 * folder.get(tags.WIDTH, (0,))[0] * folder.get(tags.LENGTH, (0,))[0])
    check_stream(whole, most, "CMYK" if folder.get(tags.PHOTOMETRIC, (0,))[0] == _CMYK else "GRAY")


def _bytes_of_part(folder: Folder, number: int) -> int:
    """Of one strip or tile, unpacked; 0 where the directory does not say."""
    bits, samples = folder.get(tags.BITS, (1,)), folder.get(tags.SAMPLES, (1,))[0]
    planar = folder.get(tags.PLANAR, (1,))[0] == 2
    depth = bits[0] if planar else sum(bits) if len(bits) == samples else bits[0] * samples
    width, length = folder.get(tags.WIDTH, (0,))[0], folder.get(tags.LENGTH, (0,))[0]
    if tags.TILE_OFFSETS in folder:
        across, down = folder.get(tags.TILE_WIDTH, (0,))[0], folder.get(tags.TILE_LENGTH, (0,))[0]
        return (across * depth + 7) // 8 * down
    if folder.get(tags.PHOTOMETRIC, (0,))[0] == _YCBCR:
        return 0  # its colours may have fewer samples
    rows = min(folder.get(tags.ROWS, (length,))[0], length)
    if not rows:
        return 0
    strips = -(-length // rows)
    here = min(rows, length - number % strips * rows)
    return (width * depth + 7) // 8 * here
