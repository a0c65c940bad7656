"""How well holes in photos are filled, of each kind and method: LPIPS, PSNR, processor seconds, and a sheet to look at.

    IMG2IMG_LPIPS=FEATURES python tools/compare_inpainters.py PHOTOS MORE_PHOTOS --masks MASKS
    python tools/compare_inpainters.py PHOTOS --methods telea,auto --count 4 --sheet sheet.png

Of all photos those that new training leaves out (`tools/held_out.py`; for the shipped photo-inpaint, which left out
others, name these in a file for --hold-out); of each the middle square, reduced to --side px. Compact holes are
ellipses and rectangles of 3 % of the square, drawn from --seed and the photo's place; irregular
ones are files of --masks that are white on 14, 34 or 54 % (± 2 %) of the picture, one after another.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import torch
import typer
from held_out import EVERY, divide
from PIL import Image

from img2img.apply.measure.inpainting import open_fill
from img2img.cli.errors import refusals
from img2img.data.masks.values import Hole
from img2img.images import Photo, list_images, read_training_image, to_pixels
from img2img.images.samples import to_planes
from img2img.metrics import load_lpips
from img2img.metrics.hole_figures import compare_hole
from img2img.training.report.sheets import save_sheet, sheet

SHARE = 0.03
"""Of the picture, a compact hole."""
BANDS = (0.14, 0.34, 0.54)
"""Of the picture, irregular holes."""


@dataclass(frozen=True)
class Case:
    """A photo (S, S, 3) uint8 with a hole (S, S), 1 = hole."""

    kind: str
    name: str
    samples: np.ndarray
    hole: Hole


def middle_square(path: Path, side: int) -> np.ndarray:
    """(side, side, 3) uint8: the largest square in the middle, reduced."""
    samples = read_training_image(path, 3)
    own = min(samples.shape[:2])
    top, left = ((length - own) // 2 for length in samples.shape[:2])
    picture = Image.fromarray(samples[top : top + own, left : left + own])
    return np.asarray(picture.resize((side, side), Image.Resampling.LANCZOS))


def compact_hole(side: int, seed: int) -> Hole:
    """An ellipse or a rectangle, up to twice as long as wide, that may lie at the border."""
    random = np.random.default_rng(seed)
    area, ratio = SHARE * side**2, 2 ** random.uniform(-1, 1)
    round_one = random.random() < 0.5
    height = np.sqrt(area * ratio * (4 / np.pi if round_one else 1))
    width = height / ratio
    y, x = random.uniform(height / 2, side - height / 2), random.uniform(width / 2, side - width / 2)
    down, across = np.ogrid[:side, :side]
    down, across = 2 * (down + 0.5 - y) / height, 2 * (across + 0.5 - x) / width
    inside = down**2 + across**2 <= 1 if round_one else (abs(down) <= 1) & (abs(across) <= 1)
    return inside.astype(np.uint8)


def irregular_holes(folder: Path, side: int, share: float) -> list[Hole]:
    """The masks of a folder that cover about this share of the picture."""
    holes = []
    for path in list_images(folder):
        mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        hole = (cv2.resize(mask, (side, side), interpolation=cv2.INTER_NEAREST) > 127).astype(np.uint8)
        if abs(hole.mean() - share) <= 0.02:
            holes.append(hole)
    return holes


def cases(paths: list[Path], masks: Path | None, kinds: list[str], side: int, seed: int, draws: int) -> Iterator[Case]:
    """Each photo with each kind of hole."""
    bands = {f"{share:.0%}": irregular_holes(masks, side, share) for share in BANDS} if masks else {}
    for number, path in enumerate(paths):
        samples = middle_square(path, side)
        for draw in range(draws if "compact" in kinds else 0):
            yield Case("compact", path.stem, samples, compact_hole(side, seed + draws * number + draw))
        for kind, holes in bands.items():
            if kind in kinds and holes:
                yield Case(kind, path.stem, samples, holes[(seed + number) % len(holes)])


def main(
    photos: Annotated[list[Path], typer.Argument(help="Folders of photos.")],
    hold_out: Annotated[
        str,
        typer.Option(help="Photos to measure on: every so manieth by name, or a file with a name a line."),
    ] = str(EVERY),
    masks: Annotated[Path | None, typer.Option(help="Folder of irregular masks, white = hole.")] = None,
    methods: Annotated[str, typer.Option(help="Comma-separated.")] = "telea,network,exemplar,auto",
    kinds: Annotated[str, typer.Option(help="Of holes, comma-separated.")] = "compact,14%,34%,54%",
    side: Annotated[int, typer.Option(help="Of the squares, px.")] = 512,
    seed: Annotated[int, typer.Option(help="Of the holes.")] = 0,
    draws: Annotated[int, typer.Option(help="Compact holes for each photo, each by itself.")] = 2,
    count: Annotated[int | None, typer.Option(help="Photos at most.")] = None,
    picture: Annotated[Path | None, typer.Option("--sheet", help="Also draw each case.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Figures of each method on each kind of hole, and a sheet."""
    with refusals():
        fills = {name: open_fill(None, _method(name), torch.device("cpu")) for name in methods.split(",")}
        lpips = {"alex": load_lpips("alex", None)}
        _, kept_out = divide([path for folder in photos for path in list_images(folder)], hold_out)
    rows: list[dict[str, Any]] = []
    shown: dict[str, list[torch.Tensor]] = {name: [] for name in ["hole", *fills, "original"]}
    for case in cases(kept_out[:count], masks, kinds.split(","), side, seed, draws):
        truth = to_pixels(case.samples)
        hole = torch.from_numpy(case.hole)[None]
        shown["hole"].append(torch.where(hole > 0, torch.tensor([1.0, -1, 1])[:, None, None], truth))
        shown["original"].append(truth)
        for name, fill in fills.items():
            started = time.process_time()
            result = fill(Photo(to_planes(case.samples)), case.hole)
            seconds = time.process_time() - started
            figures = compare_hole(result, truth, hole, lpips)
            rows.append({"kind": case.kind, "photo": case.name, "method": name, "seconds": seconds, **figures})
            if picture:
                shown[name].append(result)
        print(case.kind, case.name, *(f"{row['hole_lpips_alex']:.3f}" for row in rows[-len(fills) :]), file=sys.stderr)
    if picture:
        save_sheet(sheet([(name, torch.stack(column)) for name, column in shown.items()], cell=side), picture)
    if as_json:
        print(json.dumps(rows))
        return
    for kind in kinds.split(","):
        for name in fills:
            found = [row for row in rows if row["kind"] == kind and row["method"] == name]
            if found:
                mean = {key: np.mean([row[key] for row in found]) for key in found[0] if key in FIGURES}
                print(f"{kind:8} {name:14} " + "  ".join(f"{key} {value:.3f}" for key, value in mean.items()))


FIGURES = ("hole_lpips_alex", "lpips_alex", "hole_psnr", "seconds")


def _method(name: str) -> Any:
    return name


if __name__ == "__main__":
    typer.run(main)
