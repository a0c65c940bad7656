"""A sheet of originals beside augmented or degraded versions, to see what the networks will see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torch.nn.functional import interpolate

from img2img.data.damage.degrade import Degrade
from img2img.data.folders.find import HIGH
from img2img.data.loading.dataset import TrainingData
from img2img.data.masks.drawn import Masks

from .augment import MASK, Augment, signed
from .derive import Derive

VERSIONS = 5
SMALLEST_CELL = 96
LARGEST_CELL = 192
GAP = 4
CAPTION = 18
"""Height of a caption; as the others, px."""


def preview_sheet(data: TrainingData, augment: Augment, count: int, seed: int) -> Image.Image:
    """The first `count` training pictures of a seed, a row for each side: as read, then five times augmented.

    The global random state is left as it was.
    Raises: ImageError, naming a file that cannot be read.
    """
    batch = _first_batch(data, count, seed)
    versions: list[Mapping[str, Tensor]] = [{side: signed(pictures) for side, pictures in batch.items()}]
    with torch.random.fork_rng(devices=[]):
        for version in range(VERSIONS):
            torch.manual_seed(seed + version)
            versions.append(augment(batch))
    cell = max(SMALLEST_CELL, min(LARGEST_CELL, augment.size))
    rows = {
        f"{data.names[side]} {number + 1}": [_shown(version[side][number], cell) for version in versions]
        for number in range(count)
        for side in batch
    }
    return _sheet(["as read", *(f"augmented {version + 1}" for version in range(VERSIONS))], rows, cell)


def degraded_sheet(data: TrainingData, augment: Augment, degrade: Degrade, count: int, seed: int) -> Image.Image:
    """The first `count` training windows of a seed, a row each: in high resolution, then five low ones made of it.

    Where photo fades a picture, its high resolution fades too, which the sheet does not show.

    The global random state is left as it was.
    Raises: ImageError, naming a file that cannot be read.
    """
    captions = ["high", *(f"low {version + 1}, x{degrade.scale}" for version in range(VERSIONS))]
    return _derived_sheet(data, augment, degrade, lambda batch: batch["low"], captions, count, seed)


def masked_sheet(data: TrainingData, augment: Augment, masks: Masks, count: int, seed: int) -> Image.Image:
    """The first `count` training windows of a seed, a row each: whole, then with five holes, which are mid grey.

    The global random state is left as it was.
    Raises: ImageError, naming a file that cannot be read.
    """
    captions = ["whole", *(f"masked {version + 1}" for version in range(VERSIONS))]
    return _derived_sheet(data, augment, masks, lambda batch: batch[HIGH] * (1 - batch[MASK]), captions, count, seed)


def _derived_sheet(
    data: TrainingData,
    augment: Augment,
    derive: Derive,
    version: Callable[[Mapping[str, Tensor]], Tensor],
    captions: Sequence[str],
    count: int,
    seed: int,
) -> Image.Image:
    """Windows, then five versions of each that `derive` leads to."""
    batch = _first_batch(data, count, seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        high = augment(batch)
        versions = [high[HIGH], *(version(derive(high)) for _ in range(VERSIONS))]
    cell = max(LARGEST_CELL, augment.size)
    rows = {
        f"{data.names[HIGH]} {number + 1}": [_shown(version[number], cell) for version in versions]
        for number in range(count)
    }
    return _sheet(captions, rows, cell)


def _first_batch(data: TrainingData, count: int, seed: int) -> dict[str, Tensor]:
    with closing(data.batches(seed, first_step=0, batch_size=count)) as batches:
        return next(batches)


def _shown(picture: Tensor, cell: int) -> Image.Image:
    """One picture (C, H, W) in [-1, 1] as a square of `cell` px; whole multiples repeat pixels."""
    if cell % picture.shape[-1]:
        square = interpolate(picture[None], (cell, cell), mode="bilinear", antialias=True)[0]
    else:
        square = interpolate(picture[None], (cell, cell), mode="nearest-exact")[0]
    pixels = ((square.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).expand(3, -1, -1)
    return Image.fromarray(np.ascontiguousarray(pixels.permute(1, 2, 0).numpy()))


def _sheet(captions: Sequence[str], rows: Mapping[str, Sequence[Image.Image]], cell: int) -> Image.Image:
    """Captioned columns; each row with its own caption above it."""
    font = ImageFont.load_default(12)
    width = GAP + len(captions) * (cell + GAP)
    height = GAP + len(rows) * (CAPTION + cell + GAP)
    sheet = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(sheet)
    for line, (name, pictures) in enumerate(rows.items()):
        top = GAP + line * (CAPTION + cell + GAP)
        for column, (caption, picture) in enumerate(zip(captions, pictures, strict=True)):
            left = GAP + column * (cell + GAP)
            draw.text((left, top), f"{name}, {caption}" if column == 0 else caption, "black", font)
            sheet.paste(picture, (left, top + CAPTION))
    return sheet
