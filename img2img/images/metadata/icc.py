"""ICC profiles made of what a file says of its colours in another way (ICC.1:2022, matrix and tone curve).

No time and no maker's name stand in them, so that the same picture always gives the same bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

Primaries = tuple[float, float, float, float, float, float, float, float]
"""x, y of white, red, green, blue (CIE 1931)."""

D65 = (0.3127, 0.3290)
BT709: Primaries = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def gamma_curve(exponent: float) -> bytes:
    """light = sample ** exponent."""
    return b"para" + bytes(4) + struct.pack(">HH", 0, 0) + _fixed(exponent)


def line_and_power(exponent: float, offset: float, slope: float, bend: float) -> bytes:
    """light = sample / slope below `bend`, ((sample + offset) / (1 + offset)) ** exponent above it: sRGB, BT.709."""
    scale = 1 / (1 + offset)
    numbers = (exponent, scale, offset * scale, 1 / slope, bend)
    return b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(*numbers)


SRGB_CURVE = line_and_power(2.4, 0.055, 12.92, 0.04045)


def table_curve(light: Sequence[float] | np.ndarray) -> bytes:
    """Light in [0, 1] of evenly spaced samples."""
    numbers = np.clip(np.round(np.asarray(light) * 65535), 0, 65535).astype(">u2")
    return b"curv" + bytes(4) + struct.pack(">I", len(numbers)) + numbers.tobytes()


def rgb_profile(primaries: Primaries, curves: Sequence[bytes], code: bytes | None = None) -> bytes | None:
    """A profile of RGB. curves: one, or one for each of R, G, B. code: primaries and transfer as in H.273, four bytes.

    None for primaries that are none: three on one line, a black white.
    """
    matrix = _to_d50(primaries)
    if matrix is None:
        return None
    columns, adaptation = matrix
    tags = [(b"wtpt", _xyz(_D50)), (b"chad", b"sf32" + bytes(4) + _fixed(*adaptation.flatten()))]
    tags += [(name + b"XYZ", _xyz(columns[:, k])) for k, name in enumerate((b"r", b"g", b"b"))]
    tags += [(name + b"TRC", curves[k % len(curves)]) for k, name in enumerate((b"r", b"g", b"b"))]
    if code is not None:
        tags.append((b"cicp", b"cicp" + bytes(4) + code))
    return _profile(b"RGB ", tags)


def grey_profile(curve: bytes) -> bytes:
    """A profile of grey."""
    return _profile(b"GRAY", [(b"wtpt", _xyz(_D50)), (b"kTRC", curve)])


def _to_d50(primaries: Primaries) -> tuple[np.ndarray, np.ndarray] | None:
    """XYZ of R, G, B as columns, seen under D50, and the matrix that adapts (Bradford)."""
    points = np.array(primaries, float).reshape(4, 2)
    if not (points[:, 1] > 0).all():
        return None
    white, *colours = [np.array([x / y, 1, (1 - x - y) / y]) for x, y in points]
    columns = np.stack(colours, axis=1)
    if abs(np.linalg.det(columns)) < 1e-6:
        return None
    columns = columns * np.linalg.solve(columns, white)
    gains = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    adaptation = np.linalg.inv(_BRADFORD) @ np.diag(gains) @ _BRADFORD
    made = adaptation @ columns
    return (made, adaptation) if np.isfinite(made).all() and np.abs(made).max() < 30000 else None


def _profile(space: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    tags = [(b"desc", _text("As the file said")), (b"cprt", _text("CC0")), *tags]
    start = 128 + 4 + 12 * len(tags)
    table, body, places = b"", b"", dict[bytes, int]()
    for name, content in tags:
        if content not in places:  # the three curves are mostly one
            places[content] = start + len(body)
            body += content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", places[content], len(content))
    size = start + len(body)
    head = struct.pack(">I4sI4s4s4s", size, bytes(4), 0x04400000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _fixed(*_D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _text(text: str) -> bytes:
    packed = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II", 1, 12) + b"enUS" + struct.pack(">II", len(packed), 28) + packed


def _xyz(values: np.ndarray) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(*values)
