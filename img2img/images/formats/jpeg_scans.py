"""Whether a progressive JPEG has all its scans: cut between two of them it is valid, only coarse (ITU-T T.81, G)."""

from __future__ import annotations

import re
import struct

_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_PROGRESSIVE = (0xC2, 0xCA)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN, _END = 0xDA, 0xD9


def check_scans(data: bytes) -> None:
    """Raise ValueError for a progressive JPEG whose scans leave out some bits of its coefficients."""
    missing: dict[int, list[int]] = {}
    place = 2
    while match := _MARKER.search(data, place):
        place, kind = match.end(), data[match.end() - 1]
        if kind == _END or place + 2 > len(data):
            break
        (length,) = struct.unpack(">H", data[place : place + 2])
        segment = data[place + 2 : place + length]
        place += length
        if kind in _FRAMES:
            if kind not in _PROGRESSIVE:
                return
            missing = {number: [1] * 64 for number in segment[6::3]}
        elif kind == _SCAN and len(segment) >= 4:
            _note(missing, segment)
    lacking = sum(map(sum, missing.values()))
    if lacking:
        raise ValueError(f"scans are missing: {lacking} of {64 * len(missing)} coefficients are not complete")


def _note(missing: dict[int, list[int]], scan: bytes) -> None:
    """A scan's header: its components, the coefficients, and the lowest bit that it sends of them."""
    first, last, bits = scan[-3:]
    if bits & 15:
        return
    for number in scan[1 : 1 + 2 * scan[0] : 2]:
        if number in missing:
            missing[number][first : last + 1] = [0] * len(missing[number][first : last + 1])
