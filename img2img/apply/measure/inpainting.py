"""What fills holes for a measurement, and which holes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from img2img.apply.inpaint.masking import Masking
from img2img.apply.models import open_inpainter
from img2img.config.apply import Filler
from img2img.config.sections.masks import MaskOptions
from img2img.data.masks.drawn import Masks, drawn_one_by_one
from img2img.data.masks.values import Hole
from img2img.images import ImageError, Photo, probe, read_photo, to_pixels
from img2img.images.samples import to_planes

Fill = Callable[[Photo, Hole], Tensor]
"""A picture and its hole (H, W), 1 = hole -> the filled picture (C, H, W) in [-1, 1], rounded as a file would be."""

HoleOf = Callable[[Photo], Hole]
"""The hole of a picture, (H, W), 1 = hole. Raises ImageError."""

_NOMINAL = 256
"""Side that `Masks` takes for its own check, px, which nobody asks for here."""


def open_fill(model: str | None, method: Filler | None, device: torch.device) -> Fill:
    """As `img2img inpaint` fills, in float32. Raises WeightsError or Refusal in one line."""
    opened = open_inpainter(model, Masking(), method=method or "network", device=device, precision="fp32")

    def fill(picture: Photo, hole: Hole) -> Tensor:
        mask = Photo(to_planes(hole[..., None] * 255))
        marked = Photo(picture.pixels, bits=picture.bits, mask=mask)
        return to_pixels(opened.convert(marked).samples)

    return fill


def drawn_holes(options: MaskOptions, seed: int, pictures: Sequence[Path]) -> Iterator[HoleOf]:
    """Holes as they are drawn for training: the same for a seed, whatever is measured. Raises Refusal, DataError."""
    drawn = drawn_one_by_one(Masks(options, _NOMINAL), map(_size, pictures), seed)
    return (_drawn(mask[0, 0].byte().numpy()) for mask in drawn)


def read_holes(masks: Sequence[Path], options: MaskOptions) -> Iterator[HoleOf]:
    """Holes of masks as `img2img inpaint` reads them."""
    return (_of_file(path, Masking(options.hole, options.mask_channel)) for path in masks)


def _drawn(hole: Hole) -> HoleOf:
    def its_hole(picture: Photo) -> Hole:
        if not hole.any():
            raise ImageError("no hole was drawn on it: larger holes, or another --seed")
        return hole

    return its_hole


def _of_file(path: Path, masking: Masking) -> HoleOf:
    def read(picture: Photo) -> Hole:
        marked = Photo(picture.pixels, mask=read_photo(path, integers=True))
        try:
            return masking.hole_of(marked)[0]
        except ImageError as error:
            raise ImageError(f"{path}: {error}") from error

    return read


def _size(path: Path) -> tuple[int, int]:
    """Height and width, px; of a file that cannot be read any, so that the others' holes stay what they are."""
    try:
        facts = probe(path)
    except ImageError:
        return _NOMINAL, _NOMINAL
    return facts.height, facts.width
