"""From what marks a hole, a mask or a photo's own transparency, to the hole: (H, W) uint8, 1 = to be filled."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from img2img.config.apply import HoleMask
from img2img.config.base import Refusal
from img2img.config.sections.masks import TOO_LITTLE, TOO_MUCH, Channel, Polarity
from img2img.config.shapes import Shape
from img2img.data.masks.values import Hole, cut, hole_of_mask, opacity
from img2img.images import ImageError, Photo
from img2img.images.decode import turned

from .marking import grown, hole_of_shapes


@dataclass(frozen=True)
class Masking:
    """How a mask is read; that of a photo without one is its transparency, and the hole what is transparent.

    hole: what the hole is in a mask; opaque counts as white. channel: what of a mask counts; auto: the transparency
    where it alone says something. threshold: from which value, 0 to 1, a mask is white and a photo opaque; None: 0.5,
    for masks that are nearly black and white.
    transparency: whether a photo without a mask has its hole where it is transparent. shapes: what they mark is hole,
    too. grow: the hole becomes so much larger all around, px. feather: width of the edge around the hole in which
    what is filled fades into the photo, px.
    """

    hole: Polarity = "white"
    channel: Channel = "auto"
    threshold: float | None = None
    transparency: bool = True
    shapes: tuple[Shape, ...] = ()
    grow: float = 0.0
    feather: int = 0

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0 < self.threshold <= 1:
            raise Refusal(f"--threshold {self.threshold}: allowed: above 0, up to 1")

    @classmethod
    def of(cls, mask: HoleMask) -> Masking:
        """As a command's options have it. Raises Refusal where they mark nothing."""
        return cls(
            mask.hole, mask.mask_channel, mask.threshold, mask.mask == "alpha", mask.shapes(), mask.grow, mask.feather
        )

    @property
    def settings(self) -> dict[str, Any]:
        """For the manifest. What is not used is not in it: so it stood there before there were shapes."""
        threshold = 0.5 if self.threshold is None else self.threshold
        more = {"grow": self.grow, "feather": self.feather, "shapes": _short(self.shapes)}
        used = {name: value for name, value in more.items() if value}
        return {"masking": {"hole": self.hole, "channel": self.channel, "threshold": threshold, **used}}

    def is_transparency(self, photo: Photo) -> bool:
        """Whether it is a photo's own transparency that is its hole, which the result has no more."""
        return photo.mask is None and self.transparency

    def hole_of(self, photo: Photo) -> tuple[Hole, list[str]]:
        """The hole of a photo, and what a user should know of it.

        Raises ImageError where there is neither mask nor transparency, where the mask has another shape than the photo,
        where nobody can tell what of it is meant, or where it covers nothing or everything.
        """
        notes: list[str] = []
        holes = []
        if photo.mask is not None or self.transparency:
            holes.append(self._hole_of_file(photo, notes))
        if self.shapes:
            holes.append(hole_of_shapes(self.shapes, photo))
        hole = grown(holes[0] | holes[-1], self.grow)
        share = float(hole.mean())
        if share == 1:
            hint = "" if self.shapes else "; is --hole right?"
            raise ImageError(f"the mask covers the whole photo, so that there is nothing to go by{hint}")
        if share == 0:
            raise ImageError(self._nothing(photo))
        if not TOO_LITTLE <= share <= TOO_MUCH:
            notes.append(f"warning: the hole is {share:.3%} of the photo; is the mask the right one, and --hole?")
        return hole, notes

    def _hole_of_file(self, photo: Photo, notes: list[str]) -> Hole:
        """What the mask marks, or the photo's transparency."""
        if photo.mask is not None:
            mask = _fitting(photo, photo.mask, notes)
            hole, more = hole_of_mask(mask, self.channel, self.hole == "white", self.threshold, "its mask")
            notes += more
            return hole
        threshold = 0.5 if self.threshold is None else self.threshold
        hole, between = cut(opacity(photo, "no mask was given, and the photo"), False, threshold)
        if between:
            notes.append(f"{between:.2%} of the transparency is neither black nor white: cut at {threshold:g}")
        return hole

    def _nothing(self, photo: Photo) -> str:
        """Why there is no hole, and what may help."""
        if self.shapes:
            return f"no hole: no shape lies in the photo, {photo.width} x {photo.height} px"
        if photo.mask is None:
            return "no hole: nothing of the photo is transparent"
        wanted = "nothing of it is" if self.threshold is None else f"from --threshold {self.threshold:g} on nothing is"
        return f"no hole in the mask: {wanted} {self.hole}; is --hole right, or --threshold?"


def _short(shapes: tuple[Shape, ...]) -> str:
    """What tells shapes from others, in 32 letters; a polygon may have thousands of points. "" for none."""
    if not shapes:
        return ""
    said = json.dumps([[type(shape).__name__, shape.model_dump(mode="json")] for shape in shapes])
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


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
