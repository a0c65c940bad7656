"""What a photo's file says besides pixels, profile and EXIF."""

from __future__ import annotations

from dataclasses import dataclass

Chunk = tuple[bytes, bytes]
"""Kind and content of a PNG's chunk."""

Resolution = tuple[float, float]
"""Pixels an inch, across and down."""


@dataclass(frozen=True)
class Metadata:
    """dpi: print resolution. xmp: the packet. iptc: IIM records. texts: (keyword, text), "Comment" for a comment that
    has no keyword. colour: a PNG's chunks that say what the profile says, which was made of them."""

    dpi: Resolution | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    texts: tuple[tuple[str, str], ...] = ()
    colour: tuple[Chunk, ...] = ()


NO_METADATA = Metadata()
