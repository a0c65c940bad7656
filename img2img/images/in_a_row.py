"""Pictures one behind the other in a stream: `cat *.png | img2img upscale -`."""

from __future__ import annotations

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_EOI, _SOS, _APP2 = 0xD9, 0xDA, 0xE2
_IMAGES = 0xB001  # tag of MPF's index: how many pictures the file has


def pictures_in(stream: bytes) -> list[bytes]:
    """The PNG, JPEG and WebP files that a stream holds; another format, or a damaged file, is all the rest.

    What lies behind a picture and begins none belongs to it: a phone's film, padding. So do the further pictures that
    a JPEG's own index (CIPA DC-007) counts: previews, gain maps.
    """
    found, start = [], 0
    while start < len(stream):
        end = _end_with_extras(stream, start)
        following = _next_start(stream, end)
        found.append(stream[start:following])
        start = following
    return found or [stream]


def _end_with_extras(stream: bytes, start: int) -> int:
    end = _end(stream, start)
    for _ in range(_extras(stream[start:end])):
        following = _next_start(stream, end)
        if not stream.startswith(_JPEG, following):
            break
        end = _end(stream, following)
    return end


def _next_start(stream: bytes, end: int) -> int:
    """Where a picture starts at `end` or behind padding; else the stream's end."""
    place = end
    while place < len(stream) and stream[place] in b"\0\r\n":
        place += 1
    return place if _starts(stream, place) else len(stream)


def _starts(stream: bytes, place: int) -> bool:
    return stream.startswith((_PNG, _JPEG), place) or (
        stream.startswith(b"RIFF", place) and stream[place + 8 : place + 12] == b"WEBP"
    )


def _end(stream: bytes, start: int) -> int:
    """The end of the picture that starts there; of the stream where it has none."""
    if stream.startswith(_PNG, start):
        return _end_of_png(stream, start + len(_PNG))
    if stream.startswith(_JPEG, start):
        return _end_of_jpeg(stream, start + 2)
    if _starts(stream, start):
        length = int.from_bytes(stream[start + 4 : start + 8], "little")
        return min(len(stream), start + 8 + length + length % 2)
    return len(stream)


def _end_of_png(stream: bytes, place: int) -> int:
    while place + 12 <= len(stream):
        length, kind = int.from_bytes(stream[place : place + 4], "big"), stream[place + 4 : place + 8]
        place += 12 + length
        if kind == b"IEND":
            return min(place, len(stream))
    return len(stream)


def _end_of_jpeg(stream: bytes, place: int) -> int:
    while (place := stream.find(b"\xff", place)) >= 0 and place + 1 < len(stream):
        code = stream[place + 1]
        if code == _EOI:
            return place + 2
        if code in (0x00, 0x01, 0xFF) or 0xD0 <= code <= 0xD8:  # stuffed, filled, restarted: no segment
            place += 1 if code == 0xFF else 2
            continue
        place += 2 + int.from_bytes(stream[place + 2 : place + 4], "big")
    return len(stream)


def _extras(jpeg: bytes) -> int:
    """How many further pictures the JPEG's index counts."""
    place = 2
    while jpeg[:2] == _JPEG[:2] and jpeg[place : place + 1] == b"\xff" and place + 1 < len(jpeg):
        code, length = jpeg[place + 1], int.from_bytes(jpeg[place + 2 : place + 4], "big")
        if code == _SOS:
            break
        segment = jpeg[place + 4 : place + 2 + length]
        if code == _APP2 and segment.startswith(b"MPF\0"):
            return max(0, _count(segment[4:]) - 1)
        place += 2 + max(2, length)
    return 0


def _count(index: bytes) -> int:
    order: str = "little" if index[:2] == b"II" else "big"

    def number(place: int, size: int) -> int:
        return int.from_bytes(index[place : place + size], order)  # type: ignore[arg-type]

    first = number(4, 4)
    for entry in range(number(first, 2)):
        place = first + 2 + 12 * entry
        if number(place, 2) == _IMAGES:
            return number(place + 8, 4)
    return 1
