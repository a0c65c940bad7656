"""Pictures of a folder as the measures of sets take them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Folder:
    """Some of the pictures below `root`, in the order of their names."""

    root: Path
    files: tuple[Path, ...]

    def without(self, failed: Collection[Path]) -> Folder:
        """The others."""
        return Folder(self.root, tuple(path for path in self.files if path not in failed))

    def classes(self) -> list[str]:
        """The class of each: the sub-folder of the root that it lies in. Raises Refusal for one that lies in none."""
        below = [path.relative_to(self.root) for path in self.files]
        for path in below:
            if len(path.parts) == 1:
                raise Refusal(f"{self.root / path}: lies in no sub-folder of {self.root} that would be its class")
        return [path.parts[0] for path in below]

    def squares(self, side: int) -> Squares:
        """Their middle squares, `side` px, read when they are asked for."""
        return Squares(self.files, side)


def open_folder(root: Path | None, name: str, count: int | None, seed: int) -> Folder:
    """Every picture below a folder, or `count` of them, drawn with `seed`; name: of the folder, in messages.

    Raises Refusal where there is none, ImageError where it is no folder.
    """
    if root is None:
        raise Refusal(f"{name}: name a folder of pictures")
    files = list_images(root)
    if not files:
        raise Refusal(f"{name} {root}: no images there")
    if count is not None and count < len(files):
        chosen = torch.randperm(len(files), generator=torch.Generator().manual_seed(seed))[:count]
        files = [files[place] for place in sorted(chosen.tolist())]
    return Folder(root, tuple(files))


def require_same_classes(one: Folder, other: Folder) -> None:
    """Raise Refusal where two folders have other classes, or only one."""
    names = [sorted({*folder.classes()}) for folder in (one, other)]
    if names[0] != names[1] or len(names[0]) < 2:
        found = f"{one.root} has {', '.join(names[0])}; {other.root} has {', '.join(names[1])}"
        raise Refusal(f"--classes wants two classes or more, the same in both: {found}")


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
