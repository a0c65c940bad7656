"""Picture files made byte by byte, so that the readers are checked against the formats and not against themselves."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageCms

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def gradient(channels: int = 3, height: int = 9, width: int = 13, bits: int = 8) -> np.ndarray:
    """(H, W, C) with a different value at every place."""
    count = height * width * channels
    values = np.linspace(0, 2**bits - 1, count).round().reshape(height, width, channels)
    return values.astype(np.uint8 if bits == 8 else np.uint16)


def save(image: Image.Image, kind: str, **settings: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **settings)
    return out.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(array: np.ndarray, depth: int, colour: int, before: bytes = b"", after: bytes = b"") -> bytes:
    """Unfiltered PNG of (H, W, C) samples at `depth` bits, with chunks before and after the pixels."""
    height, width = array.shape[:2]
    if depth == 16:
        rows = array.astype(">u2").reshape(height, -1).view(np.uint8)
    elif depth == 8:
        rows = array.astype(np.uint8).reshape(height, -1)
    else:
        bits = np.unpackbits(array.astype(np.uint8).reshape(height, -1, 1), axis=2)[:, :, 8 - depth :]
        rows = np.packbits(bits.reshape(height, -1), axis=1)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(raw))
    return b"\x89PNG\r\n\x1a\n" + head + before + data + after + chunk(b"IEND", b"")


def tiff(array: np.ndarray, order: str = "<", photometric: int = 2, extra: int | None = None, **tags: int) -> bytes:
    """Uncompressed one-strip TIFF of (H, W, C) samples of any type; tags: planar, sample_format, width, bits."""
    height, width, channels = array.shape
    planar = tags.get("planar", 1)
    data = (array if planar == 1 else array.transpose(2, 0, 1)).astype(array.dtype.newbyteorder(order)).tobytes()
    plane = len(data) // (channels if planar == 2 else 1)
    offsets = tuple(8 + plane * number for number in range(channels if planar == 2 else 1))
    entries: list[tuple[int, int, tuple[int, ...]]] = [
        (256, 4, (tags.get("width", width),)),
        (257, 4, (height,)),
        (258, 3, (tags.get("bits", array.itemsize * 8),) * channels),
        (259, 3, (1,)),
        (262, 3, (photometric,)),
        (273, 4, offsets),
        (277, 3, (channels,)),
        (278, 4, (height,)),
        (279, 4, (plane,) * len(offsets)),
        (284, 3, (planar,)),
    ]
    if extra is not None:
        entries.append((338, 3, (extra,)))
    entries.append((339, 3, (tags.get("sample_format", 1),) * channels))
    start = 8 + len(data)
    later = start + 2 + 12 * len(entries) + 4
    folder, tail = struct.pack(order + "H", len(entries)), b""
    for tag, kind, values in entries:
        packed = struct.pack(order + str(len(values)) + ("H" if kind == 3 else "I"), *values)
        if len(packed) > 4:
            place = struct.pack(order + "I", later + len(tail))
            tail += packed + b"\0" * (len(packed) % 2)
            packed = place
        folder += struct.pack(order + "HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start)
    return head + data + folder + struct.pack(order + "I", 0) + tail


def cmyk_profile() -> bytes:
    """The least ICC profile of CMYK: black is dark, and cyan ink prints a strong red, as no guess would have it."""
    grid = [(255, 128, 128)] * 16  # Lab of C, M, Y, K at 0 or 1, K fastest
    for corner in range(16):
        cyan, black = corner & 8, corner & 1
        grid[corner] = (0, 128, 128) if black else (140, 200, 190) if cyan else (255, 128, 128)
    ramp = bytes(range(256))
    unit = struct.pack(">9i", *(65536 if k % 4 == 0 else 0 for k in range(9)))
    table = (
        b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + unit + ramp * 4 + bytes(v for lab in grid for v in lab) + ramp * 3
    )
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    table += bytes(-len(table) % 4)
    start = 128 + 4 + 2 * 12
    tags = struct.pack(">I", 2) + struct.pack(">4sII", b"A2B0", start, len(table))
    tags += struct.pack(">4sII", b"wtpt", start + len(table), len(white))
    body = tags + table + white
    head = struct.pack(">I4sI4s4s4s", 128 + len(body), bytes(4), 0x02400000, b"prtr", b"CMYK", b"Lab ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + body
