"""How well photos are enlarged that were never seen and are as cameras and files leave them: figures and a sheet.

    IMG2IMG_LPIPS=FEATURES python tools/compare_upscalers.py PHOTOS --models bicubic,light-x4,photo-x4
    python tools/compare_upscalers.py PHOTOS --models bicubic,photo-x4 --sheet sheet.jpg --window 64

The middle square of each photo is degraded as `train srgan --degrade photo` does it, with draws of its own that follow
from --seed and its place in the folder; each model enlarges it again. What is compared is what `evaluate sr` measures.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from img2img.apply.measure.upscaling import open_enlarger
from img2img.cli.errors import refusals
from img2img.config.base import Refusal
from img2img.config.sections.data import Degradation
from img2img.data.damage.degrade import Degrade
from img2img.images import list_images, read_training_image, to_pixels
from img2img.machine import choose_device
from img2img.metrics import LPIPS, load_lpips
from img2img.metrics.lpips import Backbone
from img2img.metrics.picture_figures import Figures, Protocol, compare, means
from img2img.training.report.sheets import save_sheet, sheet


@dataclass(frozen=True)
class Degraded:
    """A photo (3, S, S) in [-1, 1], and its low resolution (3, S / scale, S / scale)."""

    name: str
    high: Tensor
    low: Tensor


def degraded(folder: Path, side: int, scale: int, seed: int) -> Iterator[Degraded]:
    """The photos of a folder; each one's damage follows from the seed and from its place among them."""
    degrade = Degrade(Degradation(), scale)
    for number, path in enumerate(list_images(folder)):
        photo = to_pixels(read_training_image(path, 3))
        own = min(side, *photo.shape[1:]) // scale * scale
        top, left = ((length - own) // 2 for length in photo.shape[1:])
        high = photo[:, top : top + own, left : left + own]
        torch.manual_seed(seed + number)
        found = degrade({"high": high[None]})  # faded pictures are compared with what has faded alike
        yield Degraded(path.stem, found["high"][0], found["low"][0])


def busiest(high: Tensor, window: int, scale: int) -> tuple[int, int]:
    """Top and left, px, of the window with the most detail; multiples of `scale`."""
    grey = high.mean(0)[None, None]
    slope = (grey.diff(dim=2)[..., 1:].abs() + grey.diff(dim=3)[..., 1:, :].abs())[0]
    detail = avg_pool2d(slope, window, stride=scale)[0]
    top, left = divmod(int(detail.argmax()), detail.shape[1])
    return top * scale, left * scale


def row_of(photo: Degraded, results: Mapping[str, Tensor], window: int) -> dict[str, Tensor]:
    """Caption -> the same window (3, window, window) of the low resolution, of each result and of the photo."""
    scale = photo.high.shape[1] // photo.low.shape[1]
    low = interpolate(photo.low[None], scale_factor=float(scale), mode="nearest")[0]
    top, left = busiest(photo.high, window, scale)
    pictures = {"low": low, **results, "original": photo.high}
    return {name: picture[:, top : top + window, left : left + window] for name, picture in pictures.items()}


def perceptual() -> dict[Backbone, LPIPS]:
    """LPIPS where its weights are at hand."""
    try:
        return {"alex": load_lpips("alex", None)}
    except Refusal as reason:
        print(f"note: {reason}", file=sys.stderr)
        return {}


def main(
    photos: Annotated[Path, typer.Argument(help="Folder of photos that no model was trained on.")],
    models: Annotated[str, typer.Option(help="Names or files, comma-separated; bicubic is the baseline.")] = "bicubic",
    side: Annotated[int, typer.Option(help="Largest side of the middle squares, px.")] = 512,
    scale: Annotated[int, typer.Option(help="Of the models.")] = 4,
    seed: Annotated[int, typer.Option(help="Of the damage.")] = 0,
    picture: Annotated[Path | None, typer.Option("--sheet", help="Also draw a row of windows for each photo.")] = None,
    window: Annotated[int, typer.Option(help="Side of the sheet's windows, px of the original.")] = 96,
    cell: Annotated[int, typer.Option(help="Side at which they are shown, px.")] = 192,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Figures of each model on degraded photos, and a sheet."""
    with refusals():
        opened = {Path(name).stem: open_enlarger(name, scale, choose_device("cpu")) for name in models.split(",")}
        lpips = perceptual()
        figures: dict[str, list[Figures]] = {name: [] for name in opened}
        rows = []
        for photo in degraded(photos, side, scale, seed):
            results = {name: model.enlarge(photo.low) for name, model in opened.items()}
            for name, result in results.items():
                figures[name].append(compare(result, photo.high, scale, lpips))
            rows.append(row_of(photo, results, window))
            print(photo.name, *(f"{name} {figures[name][-1]}" for name in opened), file=sys.stderr)
        if not rows:
            raise Refusal(f"{photos}: no photos there")
    if picture:
        columns = [(name, torch.stack([row[name] for row in rows])) for name in rows[0]]
        save_sheet(sheet(columns, cell=cell), picture)
    mean = {
        name: {figure: round(value, 4) for figure, value in means(found).items()} for name, found in figures.items()
    }
    protocol = Protocol(scale, scale, tuple(lpips), f"photo degradation, seed {seed}, middle squares of {side} px")
    if as_json:
        print(json.dumps({"photos": len(rows), "mean": mean, "protocol": str(protocol)}))
        return
    for name, found in mean.items():
        print(f"{name:12} " + "  ".join(f"{figure} {value:.3f}" for figure, value in found.items()))
    print(f"{len(rows)} photos; {protocol}")


if __name__ == "__main__":
    typer.run(main)
