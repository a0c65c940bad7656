"""A strip: photos in rows, each with what several models make of it beside it, in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from img2img.config.base import Refusal

if TYPE_CHECKING:
    from torch import Tensor

    from img2img.apply.engine.model import Model
    from img2img.config.apply import OnExisting, Photos

CELL = 256
"""Longer side of each picture of a strip, px."""
MOST = 64
"""Photos of a strip."""


def write_strip(models: Sequence[Model], photos: Photos, target: Path) -> None:
    """Writes the strip, in one go, and says where. Raises Refusal for a place where something lies, for one that is
    among the photos, and for options that say nothing of a strip; ImageError for a photo that cannot be read.
    """
    import torch

    from img2img.images import read_photo
    from img2img.training.report.sheets import save_sheet, sheet

    _refuse_other_results(photos, target)
    sources = _sources(photos)
    _refuse_existing(target, sources, photos.on_existing)
    rows: list[list[Tensor]] = []
    for source in sources:
        photo = read_photo(source, max_pixels=photos.max_pixels)
        made = [photo.pixels, *(model.convert_floats(photo).pixels for model in models)]
        rows.append([_fitted(pixels) for pixels in made])
    height, width = (max(pixels.shape[side] for row in rows for pixels in row) for side in (1, 2))
    captions = ["photo", *(model.label for model in models)]
    columns = [
        (caption, torch.stack([_in_the_middle(row[place], height, width) for row in rows]))
        for place, caption in enumerate(captions)
    ]
    save_sheet(sheet(columns, cell=CELL), target)
    print(target)


def _sources(photos: Photos) -> list[Path]:
    """The photos of a strip, in order. Raises Refusal for none, and for too many."""
    from img2img.images import list_images

    found: list[Path] = []
    for source in map(Path, photos.sources):
        if str(source) == "-":
            raise Refusal("-: a strip is of photos in files, not of stdin")
        found += list_images(source) if source.is_dir() else [source]
    if not found:
        raise Refusal(f"{', '.join(photos.sources)}: no photo in it, and a strip is of 1 to {MOST}")
    if len(found) > MOST:
        raise Refusal(f"--variants: a strip of {len(found)} photos; allowed: 1 to {MOST}")
    return found


def _refuse_other_results(photos: Photos, target: Path) -> None:
    """What is asked for beside a strip, or of it, would be left out without a word."""
    if photos.out is not None:
        raise Refusal(f"-o {photos.out}: a strip is one file, the one that --variants names: {target}")
    asked = {
        "--format": photos.format,
        "--quality": photos.quality,
        "--shard": photos.shard,
        "--report": photos.report,
        "--json": photos.as_json,
    }
    given = ", ".join(option for option, value in asked.items() if value)
    if given:
        raise Refusal(f"{given}: is for a file for each photo, and --variants asks for one strip of all, {target}")


def _refuse_existing(target: Path, sources: Sequence[Path], on_existing: OnExisting | None) -> None:
    if target.resolve() in {source.resolve() for source in sources}:
        raise Refusal(f"--variants {target}: a strip must not overwrite a photo that it shows; choose another name")
    if target.exists() and on_existing != "overwrite":
        raise Refusal(f"{target} exists already; --on-existing overwrite says to make it again")


def _fitted(pixels: Tensor) -> Tensor:
    """(C, H, W) in [-1, 1] -> the same picture, its longer side CELL px."""
    from torch.nn.functional import interpolate

    height, width = pixels.shape[1:]
    share = CELL / max(height, width)
    size = max(1, round(height * share)), max(1, round(width * share))
    # Whole multiples repeat pixels, so that small pictures show what they are.
    how = {"mode": "nearest"} if share >= 1 else {"mode": "bilinear", "antialias": True, "align_corners": False}
    return interpolate(pixels[None].float(), size=size, **how)[0].clamp(-1, 1)  # type: ignore[arg-type]


def _in_the_middle(pixels: Tensor, height: int, width: int) -> Tensor:
    """(C, h, w) in [-1, 1] -> (3, height, width), the picture in the middle, on black."""
    import torch

    top, left = (height - pixels.shape[1]) // 2, (width - pixels.shape[2]) // 2
    whole = torch.full((3, height, width), -1.0)
    whole[:, top : top + pixels.shape[1], left : left + pixels.shape[2]] = pixels
    return whole
