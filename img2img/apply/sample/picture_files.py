"""Drawn pictures as files: one a file, many on one, or a film."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import pad

from img2img.config.base import Refusal
from img2img.images.atomic import open_atomically
from img2img.images.samples import to_samples

SMALLEST = 64
"""Side that pictures are enlarged to on sheets and in films, where they are smaller, px."""

FRAMES_A_SECOND = 25

PICTURE_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def grid(pictures: Tensor, across: int, gap: int = 2) -> Tensor:
    """Pictures (N, C, H, W) in rows of `across`, `gap` px of black around each, the last row filled up: (C, H', W')."""
    missing = -len(pictures) % across
    tiles = pad(pictures, (0, gap, 0, gap), value=-1.0)
    tiles = pad(tiles, (0, 0, 0, 0, 0, 0, 0, missing), value=-1.0)
    rows = tiles.unflatten(0, (-1, across)).permute(2, 0, 3, 1, 4)
    return pad(rows.flatten(3, 4).flatten(1, 2), (gap, 0, gap, 0), value=-1.0)


def zoomed(pictures: Tensor, zoom: int | None = None) -> Tensor:
    """Pictures (N, C, H, W) with every pixel a square of `zoom` px [default: the least that gives 64 px or more]."""
    times = zoom or -(-SMALLEST // max(pictures.shape[2:]))
    return pictures.repeat_interleave(times, dim=2).repeat_interleave(times, dim=3)


def as_image(picture: Tensor) -> Image.Image:
    """A picture (C, H, W) in [-1, 1], C 1 or 3."""
    samples = to_samples(picture, 8)
    return Image.fromarray(samples[..., 0] if samples.shape[2] == 1 else samples)


def write_picture(picture: Image.Image, path: Path) -> None:
    """Writes one picture, whole or not at all; its folder is made if missing.

    Raises Refusal for a suffix that is none of a picture, before anything is made.
    """
    kind = picture_format(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_atomically(path) as draft:
        picture.save(draft.stream, format=kind, quality=92, subsampling=0)


def write_film(frames: Tensor, path: Path) -> None:
    """Frames (N, C, H, W) in [-1, 1] as an animated WebP that goes on for ever, 25 a second."""
    images = [as_image(frame).convert("RGB") for frame in frames]
    with open_atomically(path) as draft:
        images[0].save(
            draft.stream, format="WEBP", save_all=True, append_images=images[1:], loop=0, quality=90,
            duration=1000 // FRAMES_A_SECOND,
        )  # fmt: skip


def picture_format(path: Path) -> str:
    """What a file of this suffix holds. Raises Refusal, listing the suffixes that there are."""
    if path.suffix.lower() not in PICTURE_FORMATS:
        raise Refusal(f"{path}: ends in {path.suffix or 'nothing'}; allowed: {', '.join(PICTURE_FORMATS)}")
    return PICTURE_FORMATS[path.suffix.lower()]


def write_each(pictures: Tensor, names: Sequence[str], folder: Path) -> list[Path]:
    """One PNG for each picture (N, C, H, W), pixel for pixel, in the folder, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.png" for name in names]
    for picture, path in zip(torch.unbind(pictures), paths, strict=True):
        write_picture(as_image(picture), path)
    return paths
