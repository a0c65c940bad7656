"""From what marks a hole, a mask or a photo's own transparency, to the hole: (H, W) uint8, 1 = to be filled."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from img2img.config.base import Refusal
from img2img.config.sections.masks import TOO_LITTLE, TOO_MUCH, Channel, Polarity
from img2img.data.masks.values import Hole, cut, hole_of_mask, opacity
from img2img.images import ImageError, Photo
from img2img.images.decode import turned


@dataclass(frozen=True)
class Masking:
    """How a mask is read; that of a photo without one is its transparency, and the hole what is transparent.

    hole: what the hole is in a mask; opaque counts as white. channel: what of a mask counts; auto: the transparency
    where it alone says something. threshold: from which value, 0 to 1, a mask is white and a photo opaque; None: 0.5,
    for masks that are nearly black and white.
    """

    hole: Polarity = "white"
    channel: Channel = "auto"
    threshold: float | None = None

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0 < self.threshold <= 1:
            raise Refusal(f"--threshold {self.threshold}: allowed: above 0, up to 1")

    @property
    def settings(self) -> dict[str, Any]:
        """For the manifest."""
        return {"masking": {**asdict(self), "threshold": 0.5 if self.threshold is None else self.threshold}}

    def hole_of(self, photo: Photo) -> tuple[Hole, list[str]]:
        """The hole of a photo, and what a user should know of it.

        Raises ImageError where there is neither mask nor transparency, where the mask has another shape than the photo,
        where nobody can tell what of it is meant, or where it covers nothing or everything.
        """
        notes: list[str] = []
        if photo.mask is None:
            threshold = 0.5 if self.threshold is None else self.threshold
            hole, between = cut(opacity(photo, "no mask was given, and the photo"), False, threshold)
            if between:
                notes.append(f"{between:.2%} of the transparency is neither black nor white: cut at {threshold:g}")
        else:
            mask = _fitting(photo, photo.mask, notes)
            hole, more = hole_of_mask(mask, self.channel, self.hole == "white", self.threshold, "its mask")
            notes += more
        share = float(hole.mean())
        if share == 1:
            raise ImageError("the mask covers the whole photo, so that there is nothing to go by; is --hole right?")
        if share == 0:
            raise ImageError(self._nothing(photo))
        if not TOO_LITTLE <= share <= TOO_MUCH:
            notes.append(f"warning: the hole is {share:.3%} of the photo; is the mask the right one, and --hole?")
        return hole, notes

    def _nothing(self, photo: Photo) -> str:
        """Why there is no hole, and what may help."""
        if photo.mask is None:
            return "no hole: nothing of the photo is transparent"
        wanted = "nothing of it is" if self.threshold is None else f"from --threshold {self.threshold:g} on nothing is"
        return f"no hole in the mask: {wanted} {self.hole}; is --hole right, or --threshold?"


def _fitting(photo: Photo, mask: Photo, notes: list[str]) -> Photo:
    """The mask as the upright photo has it: turned where it is stored as the photo was before its EXIF turned it, and
    scaled where it has the photo's shape in another size, without new values.

    A photo that was only mirrored or put on its head has the same size both ways: its mask counts as upright.
    """
    size, wanted = (mask.width, mask.height), (photo.width, photo.height)
    if size == wanted:
        return mask
    if size != wanted[::-1] and _same_shape(size, wanted):
        return _scaled(mask, wanted, notes)
    if not _same_shape(size, wanted[::-1]) or photo.orientation < 5 or mask.orientation != 1:
        raise ImageError(
            f"its mask is {size[0]} x {size[1]} px, and the photo {wanted[0]} x {wanted[1]}; they must have one shape"
        )
    notes.append("the mask turned as the photo's EXIF has the photo turned")
    alpha = None if mask.alpha is None else _turned(mask.alpha, photo.orientation)
    upright = replace(mask, pixels=_turned(mask.pixels, photo.orientation), alpha=alpha)
    return upright if size == wanted[::-1] else _scaled(upright, wanted, notes)


def _same_shape(size: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether one is the other scaled, within a hundredth, or a pixel of the smaller one; cropped is not scaled."""
    (width, height), (wide, high) = size, other
    if (width == wide) != (height == high):
        return False
    return abs(width * high - height * wide) <= max(0.01 * height * wide, min(max(wide, high), max(width, height)))


def _scaled(mask: Photo, size: tuple[int, int], notes: list[str]) -> Photo:
    """The mask with the size (width, height) of the photo, each pixel the nearest one."""
    notes.append(f"the mask scaled from {mask.width} x {mask.height} px to the photo's size")
    rows, columns = (
        torch.from_numpy((np.arange(new) * 2 + 1) * old // (2 * new))
        for new, old in zip(size[::-1], (mask.height, mask.width), strict=True)
    )

    def scaled(planes: Tensor) -> Tensor:
        return torch.from_numpy(planes.numpy()[:, rows.numpy()[:, None], columns.numpy()[None]])

    return replace(mask, pixels=scaled(mask.pixels), alpha=None if mask.alpha is None else scaled(mask.alpha))


def _turned(planes: Tensor, orientation: int) -> Tensor:
    upright = turned(planes.permute(1, 2, 0).numpy(), orientation)
    return torch.from_numpy(np.ascontiguousarray(upright)).permute(2, 0, 1)
