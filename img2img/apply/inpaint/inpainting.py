"""Photos whose holes are filled: what is known stays as it is, to the last bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import torch
from torch import Tensor

from img2img.apply.conversion import ConvertedPhoto, Technique, Watch, check_room
from img2img.data.masks.values import Hole
from img2img.images import Photo, as_floats, bleed, to_samples
from img2img.images.decode import Samples

from .marking import softened
from .masking import Masking

_BAND = 256  # rows


class Filling(Technique, Protocol):
    """What fills holes: a network, or a classical algorithm."""

    def fill(
        self,
        planes: Samples,
        hole: Hole,
        bits: Literal[8, 16],
        report: Callable[[str], None] | None = None,
        watch: Watch | None = None,
    ) -> None:
        """Fill the hole (H, W), 1 = hole, of planes (C, H, W), uint8, uint16, or float32 in [-1, 1], in place.

        What the hole held decides nothing. bits: of what the result becomes. report: takes what a user should know; a
        warning for None.
        """


@dataclass(frozen=True, eq=False)
class Inpainting:
    """What fills holes, and how they are marked."""

    filling: Filling
    masking: Masking
    label: str = "inpainted"

    def __str__(self) -> str:
        return f"inpaint, {self.filling}"

    @property
    def settings(self) -> Mapping[str, Any]:
        """For the manifest."""
        return {"task": "inpaint", **self.filling.settings, **self.masking.settings}

    @property
    def weights(self) -> str:
        """The SHA-256 of the weights file; "" where there is none."""
        return self.filling.weights

    @property
    def note(self) -> str:
        """What a user should know of the choice, "" otherwise."""
        return self.filling.note

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """A photo keeps its size."""
        return width, height

    def convert(self, photo: Photo, bits: Literal[8, 16] | None = None, watch: Watch | None = None) -> ConvertedPhoto:
        """The photo with its hole filled. Outside of it the samples are the photo's own, unless `bits` is less.

        Transparency stays as it is, save where it was the mask: then the result is opaque.
        Raises ImageError for a mask that does not do, NotFiniteError, MemoryError.
        """
        bits = bits or photo.bits
        check_room(photo.width, photo.height, bits)
        hole, notes = self.masking.hole_of(photo)
        alpha = self._alpha(photo)
        share = self._share(hole)
        filled = self._filled(photo, hole if share is None else (share > 0).astype(np.uint8), bits, notes.append, watch)
        samples = np.empty((photo.height, photo.width, len(filled) + (alpha is not None)), f"uint{bits}")
        for top in range(0, photo.height, _BAND):
            rows = slice(top, top + _BAND)
            band = _composed(photo.pixels[:, rows], filled[:, rows], hole[rows], None if share is None else share[rows])
            samples[rows] = to_samples(as_floats(band), bits, None if alpha is None else alpha[:, rows])
        note = "; ".join(dict.fromkeys(filter(None, [photo.note, *notes])))
        return ConvertedPhoto(samples, photo.icc, photo.exif, photo.format, note, photo.more)

    def convert_floats(self, photo: Photo) -> Photo:
        """As `convert`, for pixels in [-1, 1] that stay floats: only the result's pixels and alpha count."""
        hole, _ = self.masking.hole_of(photo)
        share = self._share(hole)
        filled = self._filled(photo, hole if share is None else (share > 0).astype(np.uint8), 16, None, None)
        return Photo(_composed(photo.pixels, filled, hole, share), self._alpha(photo))

    def _alpha(self, photo: Photo) -> Tensor | None:
        return None if self.masking.is_transparency(photo) else photo.alpha

    def _share(self, hole: Hole) -> Samples | None:
        """(H, W) float32: how much of what is filled counts: 1 in the hole, ever less in the soft edge around it, 0
        beyond. None: there is no soft edge."""
        feather = self.masking.feather
        return softened(hole, feather) if feather else None

    def _filled(
        self, photo: Photo, hole: Hole, bits: Literal[8, 16], report: Callable[[str], None] | None, watch: Watch | None
    ) -> Samples:
        """The photo's planes, filled; what lies under full transparency is what a network may see there."""
        planes = bleed(photo.pixels, self._alpha(photo)).numpy().copy()
        if hole.any():
            self.filling.fill(planes, hole, bits, report, watch)
        return planes


def _composed(known: Tensor, filled: Samples, hole: Hole, share: Samples | None) -> Tensor:
    """(C, h, w) of the known pixels' type: `filled` in the hole, 1 = hole, and `known` elsewhere.

    share: (h, w) of `filled`, 0 to 1, where both count; None: nowhere.
    """
    pixels = known.numpy()
    made = np.where(hole, filled, pixels)
    if share is not None:
        edge = (share > 0) & (share < 1)
        mixed = pixels[:, edge] + share[edge] * (filled[:, edge].astype(np.float32) - pixels[:, edge])
        made[:, edge] = mixed if made.dtype == np.float32 else np.rint(mixed)
    return torch.from_numpy(made)
