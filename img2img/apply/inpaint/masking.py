"""From what marks a hole, a mask or a photo's own transparency, to the hole: (H, W) uint8, 1 = to be filled."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from img2img.config.base import Refusal
from img2img.config.sections.masks import TOO_LITTLE, TOO_MUCH, Channel, Polarity
from img2img.data.masks.values import Hole, cut, mask_values, opacity
from img2img.images import ImageError, Photo
from img2img.images.decode import turned


@dataclass(frozen=True)
class Masking:
    """How a mask is read; that of a photo without one is its transparency, and the hole what is transparent.

    hole: what the hole is in a mask; opaque counts as white. channel: what of a mask counts; auto: the transparency
    where it alone says something. threshold: from which value, 0 to 1, a mask is white and a photo opaque.
    """

    hole: Polarity = "white"
    channel: Channel = "auto"
    threshold: float = 0.5

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise Refusal(f"--threshold {self.threshold}: allowed: above 0, up to 1")

    @property
    def settings(self) -> dict[str, Any]:
        """For the manifest."""
        return {"masking": asdict(self)}

    def hole_of(self, photo: Photo) -> tuple[Hole, list[str]]:
        """The hole of a photo, and what a user should know of it.

        Raises ImageError where there is neither mask nor transparency, where the mask's size is not the photo's, where
        nobody can tell which of its channels is meant, or where it covers everything.
        """
        notes: list[str] = []
        if photo.mask is None:
            values, white = opacity(photo, "no mask was given, and the photo"), False
        else:
            values = mask_values(_fitting(photo, photo.mask, notes), self.channel, "its mask")
            white = self.hole == "white"
        hole, between = cut(values, white, self.threshold)
        if between:
            what = "transparency" if photo.mask is None else "mask"
            notes.append(f"{between:.2%} of the {what} is neither black nor white: cut at {self.threshold:g}")
        share = float(hole.mean())
        if share == 1:
            raise ImageError("the mask covers the whole photo, so that there is nothing to go by; is --hole right?")
        if share == 0:
            notes.append("no hole in the mask: the photo as it was")
        elif not TOO_LITTLE <= share <= TOO_MUCH:
            notes.append(f"warning: the hole is {share:.3%} of the photo; is the mask the right one, and --hole?")
        return hole, notes


def _fitting(photo: Photo, mask: Photo, notes: list[str]) -> Photo:
    """The mask as the upright photo has it; turned where it is stored as the photo was before its EXIF turned it.

    A photo that was only mirrored or put on its head has the same size both ways: its mask counts as upright.
    """
    size, wanted = (mask.width, mask.height), (photo.width, photo.height)
    if size == wanted:
        return mask
    if size != wanted[::-1] or photo.orientation < 5 or mask.orientation != 1:
        raise ImageError(
            f"its mask is {size[0]} x {size[1]} px, and the photo {wanted[0]} x {wanted[1]}; they must be the same"
        )
    notes.append("the mask turned as the photo's EXIF has the photo turned")
    alpha = None if mask.alpha is None else _turned(mask.alpha, photo.orientation)
    return replace(mask, pixels=_turned(mask.pixels, photo.orientation), alpha=alpha)


def _turned(planes: Tensor, orientation: int) -> Tensor:
    upright = turned(planes.permute(1, 2, 0).numpy(), orientation)
    return torch.from_numpy(np.ascontiguousarray(upright)).permute(2, 0, 1)
