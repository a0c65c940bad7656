"""What a photo is between its file and the network, and the one error of this folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from torch import Tensor

from img2img.config.apply import DEFAULT_MAX_PIXELS as DEFAULT_MAX_PIXELS
from img2img.config.base import UserError

Samples = np.ndarray[Any, np.dtype[Any]]
"""(H, W, C) of uint8 or uint16."""

Chunk = tuple[bytes, bytes]
"""Kind and content of a PNG's chunk."""

Resolution = tuple[float, float]
"""Pixels an inch, across and down."""


@dataclass(frozen=True)
class Metadata:
    """What a photo's file says besides pixels, profile and EXIF.

    dpi: print resolution. xmp: the packet. iptc: IIM records. texts: (keyword, text), "Comment" for a comment that
    has no keyword. colour: a PNG's chunks that say what the profile says, which was made of them.
    """

    dpi: Resolution | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    texts: tuple[tuple[str, str], ...] = ()
    colour: tuple[Chunk, ...] = ()


NO_METADATA = Metadata()


class ImageError(UserError, ValueError):
    """One line that names the file, the value found and what is allowed."""


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photo, upright, with what its file said besides the pixels.

    pixels: float32 (C, H, W) in [-1, 1], C = 1 (grey) or 3 (RGB); uint8 or uint16 as in the file where that was asked
    for, which the engine takes, too.
    alpha: float32 (1, H, W) in [0, 1], or None where the file has no transparency.
    bits: depth per sample of the source, and of what is written where the format can.
    icc: colour profile of the pixels, as bytes.
    exif: EXIF block starting with ``Exif\\0\\0``; orientation applied and reset to 1, thumbnail unlinked.
    format: the source's format as Pillow spells it ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "GIF", ...).
    note: what a user should know of the reading ("first of 12 frames"), "" otherwise.
    orientation: 1 to 8, how EXIF had the file turned, as was done; 1 where the format's reader turns by itself.
    more: print resolution, XMP, IPTC and texts.
    mask: the picture that says which part of this one is to be filled, as it was read; None where none was given.

    Raises ImageError where the shapes do not fit.
    """

    pixels: Tensor
    alpha: Tensor | None = None
    bits: Literal[8, 16] = 8
    icc: bytes | None = None
    exif: bytes | None = None
    format: str = ""
    note: str = ""
    orientation: int = 1
    mask: Photo | None = None
    more: Metadata = NO_METADATA

    def __post_init__(self) -> None:
        shape = tuple(self.pixels.shape)
        if len(shape) != 3 or shape[0] not in (1, 3) or 0 in shape:
            raise ImageError(f"pixels have shape {shape}; allowed: (1, H, W) or (3, H, W)")
        if self.alpha is not None and tuple(self.alpha.shape) != (1, *shape[1:]):
            raise ImageError(f"alpha has shape {tuple(self.alpha.shape)}; allowed: {(1, *shape[1:])}, as the pixels")
        if self.bits not in (8, 16):
            raise ImageError(f"bits is {self.bits}; allowed: 8, 16")

    @property
    def height(self) -> int:
        """Height in px."""
        return self.pixels.shape[1]

    @property
    def width(self) -> int:
        """Width in px."""
        return self.pixels.shape[2]
