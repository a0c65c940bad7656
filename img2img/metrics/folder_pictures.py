"""Pictures of a folder as the measures of sets take them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import overload

import torch
from torch import Tensor

from img2img.config.base import Refusal
from img2img.images import list_images, read_training_image, to_pixels, to_samples
from img2img.images.decode import Samples
from img2img.images.samples import to_planes

from .inception import square
from .picture_sets import middle


def files_of(folder: Path | None, name: str, count: int | None, seed: int) -> list[Path]:
    """Every picture below a folder in the order of names, or `count` of them, drawn with `seed`.

    name: of the folder, in messages. Raises Refusal where there is none, ImageError where it is no folder.
    """
    if folder is None:
        raise Refusal(f"{name}: name a folder of pictures")
    files = list_images(folder)
    if not files:
        raise Refusal(f"{name} {folder}: no images there")
    if count is None or count >= len(files):
        return files
    chosen = torch.randperm(len(files), generator=torch.Generator().manual_seed(seed))[:count]
    return [files[place] for place in sorted(chosen.tolist())]


def read_picture(path: Path) -> Tensor:
    """(3, H, W) uint8: grey as three equal channels, transparency over white, 16 bits rounded. Raises ImageError."""
    return levels_of(read_training_image(path, 3))


def levels_of(samples: Samples) -> Tensor:
    """(H, W, C) uint8 or uint16 -> (C, H, W) uint8, rounded."""
    return to_planes(samples if samples.itemsize == 1 else to_samples(to_pixels(samples), 8))


class Squares(Sequence[Tensor]):
    """The middle squares of pictures, read when they are asked for: (3, side, side) in [-1, 1]."""

    def __init__(self, files: Sequence[Path], side: int) -> None:
        self._files = files
        self._side = side

    def __len__(self) -> int:
        return len(self._files)

    @overload
    def __getitem__(self, place: int) -> Tensor: ...
    @overload
    def __getitem__(self, place: slice) -> Squares: ...
    def __getitem__(self, place: int | slice) -> Tensor | Squares:
        if isinstance(place, slice):
            return Squares(self._files[place], self._side)
        return square(middle(read_picture(self._files[place])), self._side).float() / 127.5 - 1
