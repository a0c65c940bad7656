"""Pictures of a folder as the measures of sets take them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from torch import Tensor

from img2img.config.base import Refusal
from img2img.images import list_images, read_training_image, to_pixels, to_samples
from img2img.images.decode import Samples
from img2img.images.samples import to_planes

from .pictures import drawn_places


@dataclass(frozen=True)
class PictureFolder:
    """Some of the pictures below `root`, in the order of their names."""

    root: Path
    files: tuple[Path, ...]

    @property
    def name(self) -> str:
        """The folder."""
        return str(self.root)

    def __len__(self) -> int:
        return len(self.files)

    def read(self, place: int) -> Tensor:
        """One of them, as `read_picture`."""
        return read_picture(self.files[place])

    def in_turn(self) -> Iterator[Callable[[], Tensor]]:
        """What reads each."""
        return (partial(read_picture, path) for path in self.files)

    def without(self, failed: Collection[int]) -> PictureFolder:
        """All but those at these places."""
        return PictureFolder(self.root, tuple(path for place, path in enumerate(self.files) if place not in failed))

    def classes(self) -> list[str]:
        """The class of each: the sub-folder of the root that it lies in. Raises Refusal for one that lies in none."""
        below = [path.relative_to(self.root) for path in self.files]
        for path in below:
            if len(path.parts) == 1:
                raise Refusal(f"{self.root / path}: lies in no sub-folder of {self.root} that would be its class")
        return [path.parts[0] for path in below]

    def content(self) -> Iterator[str]:
        """Of each: its name below the folder, its size in bytes, a hash of its content."""
        for path in self.files:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            yield f"{path.relative_to(self.root).as_posix()}\0{path.stat().st_size} {content}"


def open_folder(root: Path | None, name: str, count: int | None, seed: int) -> PictureFolder:
    """Every picture below a folder, or `count` of them, drawn with `seed`; name: of the folder, in messages.

    Raises Refusal where there is none, ImageError where it is no folder.
    """
    if root is None:
        raise Refusal(f"{name}: name a folder of pictures")
    files = list_images(root)
    if not files:
        raise Refusal(f"{name} {root}: no images there")
    return PictureFolder(root, tuple(files[place] for place in drawn_places(len(files), count, seed)))


def read_picture(path: Path) -> Tensor:
    """(3, H, W) uint8: grey as three equal channels, transparency over white, 16 bits rounded. Raises ImageError."""
    return levels_of(read_training_image(path, 3))


def levels_of(samples: Samples) -> Tensor:
    """(H, W, C) uint8 or uint16 -> (C, H, W) uint8, rounded."""
    return to_planes(samples if samples.itemsize == 1 else to_samples(to_pixels(samples), 8))
