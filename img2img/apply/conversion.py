"""What turns photos into photos, as everything that handles many of them sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import torch

from img2img.images import Photo
from img2img.images.decode import Samples
from img2img.images.photo import NO_METADATA, Metadata
from img2img.machine import free_bytes

Watch = Callable[[float], None]
"""Takes the share of a photo that is done, 0 to 1."""


@dataclass(frozen=True, eq=False)
class ConvertedPhoto:
    """A converted photo as it is written: samples (H, W, C) uint8 or uint16, alpha last, and what its source said.

    format: the source's. note: what a user should know of the reading and the conversion, "" otherwise.
    more: print resolution, XMP, IPTC and texts.
    """

    samples: Samples
    icc: bytes | None
    exif: bytes | None
    format: str
    note: str
    more: Metadata = NO_METADATA


class Technique(Protocol):
    """What makes results, a network or an algorithm without one, and what is said of it."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """What decides a result besides the inputs and the weights, for the manifest."""

    @property
    def weights(self) -> str:
        """The SHA-256 of the weights file; "" where there is none."""

    @property
    def note(self) -> str:
        """What a user should know of the choice, "" otherwise."""


class Conversion(Technique, Protocol):
    """What is ready to be applied to photos."""

    @property
    def label(self) -> str:
        """What a result's name says the photo became."""

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) of the result for a photo of so many px."""

    def convert(self, photo: Photo, bits: Literal[8, 16] | None = None, watch: Watch | None = None) -> ConvertedPhoto:
        """The photo, converted, its transparency, profile and metadata kept. bits: of the result; None: the photo's."""

    def convert_floats(self, photo: Photo) -> Photo:
        """As `convert`, for pixels that are floats and stay it: only the result's pixels and alpha count."""


def check_room(width: int, height: int, bits: int) -> None:
    """Refuse a result that cannot be held; writing it takes as much again in Pillow. Raises MemoryError."""
    wanted = height * width * 4 * (2 if bits == 8 else 4)
    free = free_bytes(torch.device("cpu"))
    if wanted > free:
        raise MemoryError(
            f"the result, {width} x {height} px, takes {wanted / 2**30:.1f} GiB of memory; {free / 2**30:.1f} are free"
        )
