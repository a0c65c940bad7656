"""XMP packets: the picture's size and orientation in them put right; those of what the result is not are left out."""

from __future__ import annotations

import re

_OTHER_PICTURES = (  # a gain map, the video of a motion photo: they lie in the source's file alone
    b"http://ns.adobe.com/hdr-gain-map/",
    b"http://ns.apple.com/HDRGainMap/",
    b"http://ns.google.com/photos/1.0/container/",
    b"http://ns.google.com/photos/1.0/camera/",
    b"http://ns.google.com/photos/1.0/depthmap/",
    b"http://ns.google.com/photos/1.0/image/",
)
_WIDTH = rb"(?:tiff:ImageWidth|exif:PixelXDimension)"
_HEIGHT = rb"(?:tiff:ImageLength|exif:PixelYDimension)"
_TURN = rb"tiff:Orientation"
_EXTENDED = re.compile(rb"""\s+xmpNote:HasExtendedXMP\s*=\s*(?:"[^"]*"|'[^']*')""")

GAIN_MAP = "XMP of a gain map or motion photo left out, as the result has none"


def is_of_other_pictures(packet: bytes) -> bool:
    """Whether the packet describes a gain map, a video or another picture that lies in the same file."""
    return any(name in packet for name in _OTHER_PICTURES)


def upright(packet: bytes) -> bytes:
    """The packet of a picture that was turned upright. It stands alone: one that goes on elsewhere is cut off there."""
    return _EXTENDED.sub(b"", _set(packet, _TURN, 1))


def resized(packet: bytes, width: int, height: int) -> bytes:
    """The packet with the size of the picture that it is written with, where it states one."""
    return _set(_set(packet, _WIDTH, width), _HEIGHT, height)


def _set(packet: bytes, names: bytes, value: int) -> bytes:
    number = str(value).encode()
    packet = re.sub(rb"(\b" + names + rb"""\s*=\s*["'])\d+(["'])""", rb"\g<1>" + number + rb"\g<2>", packet)
    return re.sub(rb"(<" + names + rb"\s*>)\s*\d+\s*(</)", rb"\g<1>" + number + rb"\g<2>", packet)
