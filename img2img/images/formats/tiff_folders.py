"""A TIFF's directories, read without trust: which page is the photo, whether it is a camera's raw file, what it
would make a decoder allocate (TIFF 6.0; TIFF/EP for SubIFDs; DNG 1.7)."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

Folder = dict[int, tuple[int, ...]]
"""The whole numbers that a directory holds, by their tags."""

WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 256, 257, 258, 259, 262, 266
STRIP_OFFSETS, SAMPLES, ROWS, STRIP_COUNTS, PLANAR = 273, 277, 278, 279, 284
PREDICTOR, TILE_WIDTH, TILE_LENGTH, TILE_OFFSETS, TILE_COUNTS = 317, 322, 323, 324, 325
SAMPLE_FORMAT, JPEG_TABLES = 339, 347
_NEW_SUBFILE, _SUBFILE, _SUB_FOLDERS, _DNG_VERSION = 254, 255, 330, 50706
_REDUCED, _MASK, _OLD_REDUCED = 1, 4, 2
_RAW_PHOTOMETRIC = (32803, 34892)  # colour filter array, linear raw
_RAW_COMPRESSION = (32767, 32769, 32770, 34713, 65000, 65535)  # of Sony, Epson, Samsung, Nikon, Kodak, Pentax
_KINDS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q", 7: "B"}
_MOST_PAGES = 1000
_MOST_VALUES = 1 << 20
_SMALL_TILE = 1 << 22  # px


@dataclass(frozen=True)
class Pages:
    """The directories of a file: of its pages, and those below them."""

    pages: tuple[Folder, ...]
    below: tuple[Folder, ...]

    @property
    def is_raw(self) -> bool:
        """Whether a camera's sensor data are in it, of which pages are previews."""
        every = (*self.pages, *self.below)
        return (
            any(_DNG_VERSION in folder for folder in every)
            or any(_one(folder, PHOTOMETRIC) in _RAW_PHOTOMETRIC for folder in every)
            or any(_one(folder, COMPRESSION) in _RAW_COMPRESSION for folder in every)
        )

    @property
    def photo(self) -> int | None:
        """The number of the first page that is no thumbnail and no mask; None where it lies below a page instead.

        Where every page is called a thumbnail, the largest is taken.
        """
        for number, folder in enumerate(self.pages):
            if not _is_side_matter(folder):
                return number
        if any(not _is_side_matter(folder) for folder in self.below):
            return None
        sizes = [_one(folder, WIDTH) * _one(folder, LENGTH) for folder in self.pages]
        return sizes.index(max(sizes)) if sizes else 0


def read_folders(file: BinaryIO) -> Pages:
    """The directories, at most a thousand pages; the file's place is kept. What cannot be read is not there."""
    place = file.tell()
    reader = _Reader(file)
    pages = tuple(reader.chain())
    below = tuple(folder for page in pages[:8] for at in page.get(_SUB_FOLDERS, ())[:16] for folder in reader.at(at))
    file.seek(place)
    return Pages(pages, below)


def check_tiles(folder: Folder) -> None:
    """Raise ValueError for tiles that are much larger than the picture: a decoder makes room for one at least."""
    width, length = _one(folder, TILE_WIDTH), _one(folder, TILE_LENGTH)
    room = max(_SMALL_TILE, 4 * _one(folder, WIDTH) * _one(folder, LENGTH))
    if width * length > room:
        raise ValueError(f"tiles of {width} x {length} px in a picture of {_size_of(folder)} px")


def _size_of(folder: Folder) -> str:
    return f"{_one(folder, WIDTH)} x {_one(folder, LENGTH)}"


def _one(folder: Folder, tag: int) -> int:
    return next(iter(folder.get(tag, ())), 0)


def _is_side_matter(folder: Folder) -> bool:
    return bool(_one(folder, _NEW_SUBFILE) & (_REDUCED | _MASK)) or _one(folder, _SUBFILE) == _OLD_REDUCED


class _Reader:
    """Classic TIFF and BigTIFF, of either byte order."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._length = file.seek(0, os.SEEK_END)
        head = self._bytes(0, 16)
        self._order = "<" if head[:2] == b"II" else ">"
        self._big = head[2:4] in (b"+\0", b"\0+")
        self._first = (struct.unpack(self._order + "Q", head[8:16]) if self._big else self._numbers("I", head[4:8]))[0]

    def chain(self) -> Iterator[Folder]:
        at, seen = self._first, set[int]()
        while at and at not in seen and len(seen) < _MOST_PAGES:
            seen.add(at)
            yield from self.at(at)
            at = self._following(at)

    def at(self, place: int) -> Iterator[Folder]:
        """The one directory there, or none."""
        count = self._count(place)
        step = 20 if self._big else 12
        start = place + (8 if self._big else 2)
        table = self._bytes(start, count * step)
        if count and len(table) == count * step:
            yield {
                tag: values
                for number in range(count)
                for tag, values in self._entry(table[number * step : (number + 1) * step])
            }

    def _entry(self, entry: bytes) -> Iterator[tuple[int, tuple[int, ...]]]:
        layout, room = ("HHQ", 8) if self._big else ("HHI", 4)
        tag, kind, count = struct.unpack(self._order + layout, entry[:-room])
        letter = _KINDS.get(kind)
        if letter is None or not 0 < count <= _MOST_VALUES:
            return
        length = struct.calcsize(letter) * count
        content = entry[-room:][:length]
        if length > room:
            (place,) = struct.unpack(self._order + ("Q" if self._big else "I"), entry[-room:])
            content = self._bytes(place, length)
        if len(content) == length:
            yield tag, self._numbers(letter, content)

    def _count(self, place: int) -> int:
        head = self._bytes(place, 8 if self._big else 2)
        if len(head) < (8 if self._big else 2):
            return 0
        count = self._numbers("Q" if self._big else "H", head)[0]
        return count if count < 1 << 16 else 0

    def _following(self, place: int) -> int:
        end = place + (8 + 20 * self._count(place) if self._big else 2 + 12 * self._count(place))
        head = self._bytes(end, 8 if self._big else 4)
        whole = len(head) == (8 if self._big else 4)
        return self._numbers("Q" if self._big else "I", head)[0] if whole else 0

    def _numbers(self, letter: str, content: bytes) -> tuple[int, ...]:
        return struct.unpack(f"{self._order}{len(content) // struct.calcsize(letter)}{letter}", content)

    def _bytes(self, place: int, count: int) -> bytes:
        if place >= self._length:
            return b""
        self._file.seek(place)
        return self._file.read(min(count, self._length - place))
