"""A photo's hole as a picture: the mask alone, and the photo with the hole in colour."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from img2img.apply.conversion import ConvertedPhoto, Watch
from img2img.data.masks.values import Hole
from img2img.images import Photo, as_floats, to_samples
from img2img.images.decode import Samples
from img2img.images.samples import fit_channels, to_pixels

from .marking import softened
from .masking import Masking

SIDE = 1600
"""Longer side of a preview, px."""
_COLOUR = np.array([230, 30, 90])


@dataclass(frozen=True)
class _Drawing(ABC):
    """What both pictures of a hole have; neither has weights, and nothing is to be noted of either."""

    masking: Masking
    note: ClassVar[str] = ""
    weights: ClassVar[str] = ""

    @abstractmethod
    def convert(self, photo: Photo, bits: Literal[8, 16] | None = None, watch: Watch | None = None) -> ConvertedPhoto:
        """The picture, 8 bits. Raises ImageError as `Masking.hole_of`."""

    def convert_floats(self, photo: Photo) -> Photo:
        """As `convert`, for pixels that are floats."""
        return Photo(to_pixels(self.convert(photo).samples))


@dataclass(frozen=True)
class MaskDrawing(_Drawing):
    """Photos to their masks: white holes on black, a soft edge where there is one."""

    label: ClassVar[str] = "mask"

    @property
    def settings(self) -> Mapping[str, Any]:
        """For the manifest."""
        return {"task": "mask", "transparency": self.masking.transparency, **self.masking.settings}

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """A mask has its photo's size."""
        return width, height

    def convert(self, photo: Photo, bits: Literal[8, 16] | None = None, watch: Watch | None = None) -> ConvertedPhoto:
        """The mask, 8 bits. Raises ImageError as `Masking.hole_of`."""
        hole, notes = self.masking.hole_of(photo)
        return ConvertedPhoto(_grey(hole, self.masking.feather), None, None, "PNG", "; ".join(notes))


@dataclass(frozen=True)
class MaskPreview(_Drawing):
    """Photos to small copies with the hole in colour."""

    label: ClassVar[str] = "mask-preview"

    @property
    def settings(self) -> Mapping[str, Any]:
        """For the manifest."""
        return {**MaskDrawing(self.masking).settings, "task": "mask preview"}

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """The longer side at most `SIDE` px."""
        shrink = max(1.0, max(width, height) / SIDE)
        return max(1, round(width / shrink)), max(1, round(height / shrink))

    def convert(self, photo: Photo, bits: Literal[8, 16] | None = None, watch: Watch | None = None) -> ConvertedPhoto:
        """The preview, 8 bits. Raises ImageError as `Masking.hole_of`."""
        import cv2

        hole, _ = self.masking.hole_of(photo)
        size = self.size_of(photo.width, photo.height)
        step = max(1, photo.width // size[0])  # what is left to shrink is less than twice
        planes = fit_channels(as_floats(photo.pixels[:, ::step, ::step]), 3)
        samples = cv2.resize(to_samples(planes, 8), size, interpolation=cv2.INTER_AREA)
        share = cv2.resize(_grey(hole, self.masking.feather), size, interpolation=cv2.INTER_AREA)[..., None] / 255
        shown = samples * (1 - 0.65 * share) + _COLOUR * 0.65 * share
        return ConvertedPhoto(shown.round().astype(np.uint8), photo.icc, None, "JPEG", "")


def _grey(hole: Hole, feather: int) -> Samples:
    """(H, W, 1) uint8: 255 in the hole, ever less in the soft edge."""
    if not feather:
        return (hole * 255)[..., None]
    return np.rint(softened(hole, feather) * 255).astype(np.uint8)[..., None]
