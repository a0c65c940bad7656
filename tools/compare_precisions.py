"""Does a training in bf16 end where one in fp32 does? Short runs of four recipes in both, seed by seed, side by side.

    OMP_NUM_THREADS=1 python tools/compare_precisions.py --pairs PAIRS --photos PHOTOS --out runs/precisions

PAIRS has side-by-side pictures in train/ and val/: pix2pix learns them as pairs, CycleGAN as two heaps, and both are
measured on the pairs of val/, in which the partner is the answer. PHOTOS is a folder of photos; every eighth (see
held_out.py) is kept out to be enlarged from a quarter of its side, and to have its middle filled.

All of it at --size px with narrow networks, by img2img's own training; results are made in fp32, whatever the training
computed in. A loss is the mean over the last 50 steps. What was trained is not trained again: the same call goes on. In
--out lie the runs and table.md. A figure is "within" if the two precisions of one seed, in the mean over seeds, lie no
further apart than the lowest and the highest of the seeds in fp32, which differ by chance alone.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any

import torch
import typer
from held_out import divide
from PIL import Image
from torch import Tensor

import img2img
from img2img.cli.errors import refusals
from img2img.config.base import Refusal
from img2img.data.damage.matlab_resize import shrink
from img2img.images import list_images, read_photo, write_atomically
from img2img.metrics import LPIPS, load_lpips
from img2img.metrics.lpips import Backbone
from img2img.metrics.picture_figures import Figures, compare, means
from img2img.training.folder.logs import read_log

PRECISIONS = ("fp32", "bf16")
LAST, EVERY = 50, 10
"""Steps at the end of which a loss is the mean, and of a line of the log."""
SCALE = 4
FIGURES = ("psnr_rgb", "lpips_alex")

Options = dict[str, Any]
"""Of `img2img train`, by name."""


@dataclass(frozen=True)
class Subject:
    """A recipe, the options by which it is small, and how a run of it answers a held-out picture.

    tested: (run, pictures) -> results and what they should be, (3, H, W) in [-1, 1] each.
    """

    recipe: str
    options: Options
    tested: Callable[[Path, Path], Iterator[tuple[Tensor, Tensor]]]


def translated(run: Path, data: Path) -> Iterator[tuple[Tensor, Tensor]]:
    """Side a of each held-out pair as side b."""
    translate: Any = img2img.load(run, to="b", device="cpu", precision="fp32")
    for path in list_images(data / "pairs/val/a"):
        yield translate(read_photo(path).pixels), read_photo(data / "pairs/val/b" / path.name).pixels


def enlarged(run: Path, data: Path) -> Iterator[tuple[Tensor, Tensor]]:
    """Each held-out photo from a quarter of its side."""
    enlarge: Any = img2img.load(run, task="upscale", device="cpu", precision="fp32")
    for path in list_images(data / "photos/val"):
        high = read_photo(path).pixels
        low = shrink(high[None], SCALE)[0]
        yield enlarge(low.clamp(-1, 1)), high


def filled(run: Path, data: Path) -> Iterator[tuple[Tensor, Tensor]]:
    """The middle of each held-out photo, half as wide and as high."""
    fill: Any = img2img.load(run, task="inpaint", method="network", device="cpu", precision="fp32")
    for path in list_images(data / "photos/val"):
        whole = read_photo(path).pixels
        side = whole.shape[1]
        hole = torch.zeros(1, side, side)
        hole[:, side // 4 : -side // 4, side // 4 : -side // 4] = 1
        yield fill(whole, mask=hole), whole


NARROW: Options = {"width": 16, "critic_width": 16, "ema": 0.99}
SUBJECTS = {
    "cyclegan": Subject("cyclegan", NARROW | {"blocks": 3, "critic_layers": 2, "batch_size": 1}, translated),
    "pix2pix": Subject("pix2pix", NARROW | {"critic_layers": 2, "batch_size": 1}, translated),
    "srgan": Subject(
        "srgan",
        NARROW | {"blocks": 4, "perceptual": 0.0, "degrade": "bicubic", "batch_size": 4, "pretrain_lr": 1e-3},
        enlarged,
    ),
    "inpaint": Subject(
        "inpaint", NARROW | {"critic_layers": 4, "perceptual": 0.0, "batch_size": 4, "pretrain_lr": 1e-3}, filled
    ),
}


def prepared(pairs: Path | None, photos: Path | None, size: int, out: Path) -> Path:
    """`out` with small square pictures: pairs/{train,val}/{a,b} of `size` px, photos/{train,val} twice as large."""
    if pairs and not (out / "pairs").exists():
        for part in ("train", "val"):
            for path in list_images(pairs / part):
                with Image.open(path) as both:
                    middle = both.width // 2
                    halves = {"a": (0, 0, middle, both.height), "b": (middle, 0, 2 * middle, both.height)}
                    for side, box in halves.items():
                        _shrunk(both.convert("RGB").crop(box), size, out / "pairs" / part / side / f"{path.stem}.png")
    if photos and not (out / "photos").exists():
        for part, files in zip(("train", "val"), divide(list_images(photos)), strict=True):
            for path in files:
                with Image.open(path) as photo:
                    side = min(photo.size)
                    left, top = (photo.width - side) // 2, (photo.height - side) // 2
                    square = photo.convert("RGB").crop((left, top, left + side, top + side))
                _shrunk(square, 2 * size, out / "photos" / part / f"{path.stem}.png")
    return out


def _shrunk(picture: Image.Image, side: int, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=3.0).save(path)


@dataclass(frozen=True)
class Trial:
    """One run of a subject."""

    subject: Subject
    precision: str
    seed: int
    folder: Path

    def figures(self, data: Path, size: int, steps: int, lpips: Mapping[Backbone, LPIPS]) -> Figures:
        """Losses at the end of the run, and what was measured on held-out pictures; trains where that was not done."""
        file = self.folder / "figures.json"
        if not file.exists():
            with contextlib.redirect_stderr(io.StringIO()):
                img2img.train(self.subject.recipe, **self._options(data, size, steps))
            rows = [compare(*both, 0, lpips) for both in self.subject.tested(self.folder, data)]
            found = self._losses() | {name: value for name, value in means(rows).items() if name in FIGURES}
            with write_atomically(file) as draft:
                draft.write_text(json.dumps(found), encoding="utf-8")
        figures: Figures = json.loads(file.read_text(encoding="utf-8"))
        return figures

    def _options(self, data: Path, size: int, steps: int) -> Options:
        pictures: Options = {"images": data / "photos/train"}
        if self.subject.tested is translated:
            pictures = {side: data / "pairs/train" / side for side in "ab"} | {"load_size": size}
        run = {"out": self.folder, "steps": steps, "precision": self.precision, "seed": self.seed, "device": "cpu"}
        run["resume"] = (self.folder / "checkpoint.safetensors").exists()
        quiet = {"log_every": EVERY, "save_every": 10**9, "sample_every": 10**9, "tensorboard": False, "workers": 0}
        return self.subject.options | pictures | run | quiet | {"size": size}

    def _losses(self) -> Figures:
        lines = read_log(self.folder / "log.jsonl")[-LAST // EVERY :]
        names = dict.fromkeys(name for line in lines for name in line if "/" in name)
        return {name: fmean(float(line.get(name) or 0.0) for line in lines) for name in names}


def rows_of(name: str, found: Mapping[str, list[Figures]]) -> Iterator[list[str]]:
    """A row for each figure of a subject. found: precision -> figures of each seed."""
    for figure in found["fp32"][0]:
        values = {precision: [trial[figure] for trial in found[precision]] for precision in PRECISIONS}
        cells = [", ".join(f"{value:.3g}" for value in values[precision]) for precision in PRECISIONS]
        apart = fmean(abs(one - other) for one, other in zip(values["bf16"], values["fp32"], strict=True))
        spread = max(values["fp32"]) - min(values["fp32"])
        verdict = "within" if apart <= spread else "beyond"
        yield [name, figure, *cells, f"{apart:.2g}", f"{spread:.2g}", verdict]


def markdown(rows: list[list[str]], title: str) -> str:
    """The table."""
    heading = [
        "recipe",
        "figure",
        *(f"{name}, by seed" for name in PRECISIONS),
        "precisions of a seed apart",
        "fp32 seeds apart",
        "",
    ]
    lines = [heading, ["---"] * len(heading), *rows]
    return f"{title}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def perceptual(weights: Path | None) -> dict[Backbone, LPIPS]:
    """LPIPS where its weights are at hand."""
    try:
        return {"alex": load_lpips("alex", weights)}
    except Refusal as reason:
        print(f"note: {reason}", file=sys.stderr)
        return {}


def main(
    out: Annotated[Path, typer.Option(help="Folder for everything that is made.")],
    pairs: Annotated[Path | None, typer.Option(help="Side-by-side pairs, in train/ and val/.")] = None,
    photos: Annotated[Path | None, typer.Option(help="Folder of photos.")] = None,
    recipes: Annotated[str, typer.Option(help="Comma-separated.")] = ",".join(SUBJECTS),
    seeds: Annotated[int, typer.Option(min=2, help="Runs of each recipe and precision: seeds 0, 1, ...")] = 3,
    steps: Annotated[int, typer.Option(min=LAST, help="Of each run.")] = 400,
    size: Annotated[int, typer.Option(min=32, help="Side of the pictures, px.")] = 64,
    lpips_weights: Annotated[Path | None, typer.Option(help="Folder of LPIPS's weights.")] = None,
) -> None:
    """Losses and held-out figures of short runs in fp32 and bf16, side by side."""
    with refusals():
        wanted = recipes.split(",")
        if unknown := [name for name in wanted if name not in SUBJECTS]:
            raise Refusal(f"--recipes {','.join(unknown)}: there are {', '.join(SUBJECTS)}")
        for name in wanted:
            if not (pairs if SUBJECTS[name].tested is translated else photos):
                raise Refusal(f"{name}: give --{'pairs' if SUBJECTS[name].tested is translated else 'photos'}")
        data, lpips = prepared(pairs, photos, size, out / "data"), perceptual(lpips_weights)
        title = f"torch {torch.__version__}, {size} px, {steps} steps, {seeds} seeds; losses: mean of the last {LAST}"
        rows: list[list[str]] = []
        for name in wanted:
            found: dict[str, list[Figures]] = {precision: [] for precision in PRECISIONS}
            for seed in range(seeds):
                for precision in PRECISIONS:
                    trial = Trial(SUBJECTS[name], precision, seed, out / f"{name}-{precision}-{seed}")
                    found[precision].append(trial.figures(data, size, steps, lpips))
                    print(name, precision, seed, found[precision][-1], file=sys.stderr, flush=True)
            rows += rows_of(name, found)
            (out / "table.md").write_text(markdown(rows, title), encoding="utf-8")
    print((out / "table.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    typer.run(main)
