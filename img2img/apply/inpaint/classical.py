"""Fills without a network, from the neighbours inwards: a baseline, and for those who have no weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from img2img.apply.conversion import Watch
from img2img.config.apply import ClassicalMethod
from img2img.data.masks.values import Hole
from img2img.images import bleed
from img2img.images.decode import Samples

from .holes import Holes

RADIUS = 3
"""Neighbourhood of a filled pixel, px: what OpenCV's own examples take."""

_REACH = 3 * RADIUS
"""How much of the photo around a hole decides its fill, px: from 4 on the result is the whole photo's."""

_BLOCK = 32
"""Holes nearer than this are filled together, px; more than `_REACH`."""


@dataclass(frozen=True)
class ClassicalFilling:
    """Telea's fast marching (2004), or Navier-Stokes by Bertalmio et al. (2001), as OpenCV has them."""

    method: ClassicalMethod
    weights: str = ""
    note: str = ""

    def __str__(self) -> str:
        return self.method

    @property
    def settings(self) -> dict[str, Any]:
        """For the manifest."""
        return {"method": self.method, "radius": RADIUS}

    def fill(
        self,
        planes: Samples,
        hole: Hole,
        bits: Literal[8, 16],
        report: Callable[[str], None] | None = None,
        watch: Watch | None = None,
    ) -> None:
        """Fill the hole (H, W) of planes (C, H, W), uint8, uint16, or float32 in [-1, 1], in place.

        OpenCV takes 8 bits in colour and 16 bits plane by plane, which for 8 bits comes to the same; its fill of floats
        leaves their range, so they are filled as 16 bits.
        """
        holes = Holes(hole, _BLOCK)
        height, width = hole.shape
        for number, (top, bottom, left, right) in enumerate(holes.boxes.tolist()):
            box = max(0, top - _REACH), min(height, bottom + _REACH), max(0, left - _REACH), min(width, right + _REACH)
            rows, columns = slice(*box[:2]), slice(*box[2:])
            own = holes.own((number,), box)
            seen = planes[:, rows, columns]
            # At a photo's border Telea's gradients reach into the hole: 4 levels of 255 by what it held.
            blank = bleed(torch.from_numpy(seen.copy()), torch.from_numpy(1 - own)[None])
            for plane, known in zip(seen, blank.numpy(), strict=True):
                plane[own > 0] = self._filled(known, own)[own > 0]
            if watch:
                watch((number + 1) / len(holes.boxes))

    def _filled(self, plane: Samples, hole: Hole) -> Samples:
        import cv2

        flag = cv2.INPAINT_TELEA if self.method == "telea" else cv2.INPAINT_NS
        if plane.dtype == np.float32:
            deep = np.rint((plane + 1) * 32767.5).clip(0, 65535).astype(np.uint16)
            return cv2.inpaint(deep, hole, RADIUS, flag).astype(np.float32) / 32767.5 - 1
        return cv2.inpaint(np.ascontiguousarray(plane), hole, RADIUS, flag)
