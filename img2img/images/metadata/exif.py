"""EXIF blocks: orientation, patched in place so that maker notes and their offsets survive."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image, TiffImagePlugin

from img2img.images.opening import OpenPicture

PREFIX = b"Exif\0\0"
ORIENTATION, EXIF_FOLDER, GPS_FOLDER = 0x0112, 0x8769, 0x8825
PIXEL_WIDTH, PIXEL_HEIGHT = 0xA002, 0xA003
# what describes the photograph; the other tags of a TIFF's first directory describe its storage
DESCRIPTIVE = (0x010E, 0x010F, 0x0110, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x8298)
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 0x011A, 0x011B, 0x0128
_SHORT, _LONG, _RATIONAL = 3, 4, 5
_INCH, _CENTIMETRE = 2, 3
_EMPTY = b"MM\0*\0\0\0\x08\0\0\0\0\0\0"


class _Entry(NamedTuple):
    tag: int
    kind: int
    place: int  # of the entry's value field, in bytes from the block's start


class ExifBlock:
    """A view of an EXIF block that can change numbers in place.

    Raises ValueError where the block is damaged.
    """

    def __init__(self, block: bytes) -> None:
        while block.startswith(PREFIX):
            block = block[len(PREFIX) :]
        order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
        if order is None:
            raise ValueError("EXIF does not start with a TIFF header")
        self._order = order
        self._bytes = bytearray(block)
        (self._first,) = self._unpack("I", 4)
        list(self._entries(self._first))

    @property
    def orientation(self) -> int:
        """1 to 8, 1 where there is none or it is no such number."""
        value = self._number(self._first, ORIENTATION)
        return value if value is not None and 1 <= value <= 8 else 1

    def make_upright(self) -> None:
        """Set the orientation to 1 and unlink the thumbnail, which shows the old picture the old way up."""
        self._set_number(self._first, ORIENTATION, 1)
        (count,) = self._unpack("H", self._first)
        end = self._first + 2 + 12 * count
        if end + 4 <= len(self._bytes):
            self._pack("I", end, 0)

    def set_size(self, width: int, height: int) -> None:
        """Correct the picture's size in px where the block states it."""
        folder = self._number(self._first, EXIF_FOLDER)
        if folder is not None:
            self._set_number(folder, PIXEL_WIDTH, width)
            self._set_number(folder, PIXEL_HEIGHT, height)

    @property
    def resolution(self) -> tuple[float, float] | None:
        """Pixels an inch, across and down; None where the block does not say."""
        unit = self._number(self._first, RESOLUTION_UNIT) or _INCH
        found = [self._rational(tag) for tag in (X_RESOLUTION, Y_RESOLUTION)]
        if unit not in (_INCH, _CENTIMETRE) or None in found:
            return None
        across, down = (value * (2.54 if unit == _CENTIMETRE else 1.0) for value in found if value)
        return across, down

    def set_resolution(self, across: float, down: float) -> None:
        """State the pixels an inch, in a longer copy of the first directory where it does not state them yet."""
        wanted = {X_RESOLUTION: across, Y_RESOLUTION: down}
        (count,) = self._unpack("H", self._first)
        end = self._first + 2 + 12 * count
        table = {
            self._unpack("H", place)[0]: bytes(self._bytes[place : place + 12])
            for place in range(self._first + 2, end, 12)
        }
        following = bytes(self._bytes[end : end + 4]).ljust(4, b"\0")
        self._bytes += bytes(len(self._bytes) % 2)
        for tag, dpi in wanted.items():
            table[tag] = struct.pack(self._order + "HHII", tag, _RATIONAL, 1, len(self._bytes))
            self._bytes += struct.pack(self._order + "II", round(dpi * 10000), 10000)
        table[RESOLUTION_UNIT] = struct.pack(self._order + "HHIHH", RESOLUTION_UNIT, _SHORT, 1, _INCH, 0)
        self._first = len(self._bytes)
        self._bytes += struct.pack(self._order + "H", len(table))
        self._bytes += b"".join(table[tag] for tag in sorted(table)) + following
        self._pack("I", 4, self._first)

    def _rational(self, tag: int) -> float | None:
        entry = self._find(self._first, tag)
        if entry is None or entry.kind != _RATIONAL:
            return None
        above, below = self._unpack("II", self._unpack("I", entry.place)[0])
        return above / below if above and below else None

    def to_bytes(self) -> bytes:
        """The block with its prefix."""
        return PREFIX + bytes(self._bytes)

    def _unpack(self, kind: str, place: int) -> tuple[int, ...]:
        try:
            return struct.unpack_from(self._order + kind, self._bytes, place)
        except struct.error as cause:
            raise ValueError("EXIF ends too early") from cause

    def _pack(self, kind: str, place: int, value: int) -> None:
        struct.pack_into(self._order + kind, self._bytes, place, value)

    def _entries(self, folder: int) -> Iterator[_Entry]:
        (count,) = self._unpack("H", folder)
        for number in range(count):
            place = folder + 2 + 12 * number
            tag, kind, _, _ = self._unpack("HHII", place)
            yield _Entry(tag, kind, place + 8)

    def _find(self, folder: int, tag: int) -> _Entry | None:
        return next((entry for entry in self._entries(folder) if entry.tag == tag), None)

    def _number(self, folder: int, tag: int) -> int | None:
        entry = self._find(folder, tag)
        if entry is None or entry.kind not in (_SHORT, _LONG):
            return None
        return self._unpack("H" if entry.kind == _SHORT else "I", entry.place)[0]

    def _set_number(self, folder: int, tag: int, value: int) -> None:
        entry = self._find(folder, tag)
        if entry is None or entry.kind not in (_SHORT, _LONG):
            return
        if entry.kind == _SHORT and value < 1 << 16:
            self._pack("H", entry.place, value)
        elif entry.kind == _LONG:
            self._pack("I", entry.place, value)


def resized(exif: bytes, width: int, height: int) -> bytes:
    """The block with the size of the picture that it is written with; unchanged where it is damaged."""
    try:
        block = ExifBlock(exif)
        block.set_size(width, height)
    except ValueError:
        return exif
    return block.to_bytes()


def with_resolution(exif: bytes | None, dpi: tuple[float, float]) -> bytes | None:
    """The block, or a new one, that states the pixels an inch; unchanged where it is damaged."""
    try:
        block = ExifBlock(exif or _EMPTY)
        found = block.resolution
        if found is None or any(abs(a - b) > 0.01 for a, b in zip(found, dpi, strict=True)):
            block.set_resolution(*dpi)
    except (ValueError, struct.error):
        return exif
    return block.to_bytes()


def from_tiff(image: TiffImagePlugin.TiffImageFile) -> bytes | None:
    """The descriptive tags of an open TIFF as an EXIF block of its own, or None where it has none."""
    found = image.getexif()
    block = Image.Exif()
    for tag in DESCRIPTIVE:
        if tag in found:
            block[tag] = found[tag]
    for folder in (EXIF_FOLDER, GPS_FOLDER):
        if folder in found:
            block[folder] = dict(found.get_ifd(folder))
    return block.tobytes() if len(block) else None


def of_picture(picture: OpenPicture) -> bytes | None:
    """The EXIF block of an opened picture, orientation as in the file; None where there is none."""
    image = picture.image
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return from_tiff(image)
    if picture.chunks is not None:  # Pillow sees a chunk behind the pixels only after it decoded them
        chunk = picture.chunks.first(b"eXIf")
        return PREFIX + chunk if chunk else _imagemagick_profile(image)
    return image.info.get("exif") or None


def _imagemagick_profile(image: Image.Image) -> bytes | None:
    text = image.info.get("Raw profile type exif")
    if not isinstance(text, str):
        return None
    return bytes.fromhex("".join(text.split("\n")[3:]))
