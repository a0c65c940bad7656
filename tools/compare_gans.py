"""Games, seeds and the VAE at one budget, on one architecture: each trained, sampled and measured alike.

    python tools/compare_gans.py --dataset fashion-mnist --root data --out runs/compare      the study's budget
    python tools/compare_gans.py --out runs/short --steps 2000 --games wgan-gp,lsgan,vae --seeds 1 --count 2000

By img2img's own commands, in turn. What was done is not done again: the same call goes on where it stopped, and more
games or seeds are added. In --out lie each trial's run with its sheet and its figures, and of all of them table.md,
index.html, and games.png with the same few samples of each game. $IMG2IMG_INCEPTION names the feature network of FID,
if it is not to be fetched.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated, Any

import torch
import typer
from published_gans import PROTOCOL, PUBLISHED
from torch import Tensor

from img2img.cli.errors import refusals
from img2img.config.base import Refusal
from img2img.config.sections.run import PrecisionName
from img2img.config.train.gan_settings import STUDY, STUDY_EPOCHS, StandardName
from img2img.images import read_photo, write_atomically
from img2img.training.report.sheets import save_sheet, sheet

VAE = "vae"
"""What plays no game."""

COMPARED = (*STUDY, VAE)

SHOWN = 10
"""Samples of each game in games.png."""

CELL = 84
"""Their side there, px: thrice that of the study's pictures of clothes and digits."""

HEADINGS = ("game", "seeds", "FID", "KID", "published FID")

PAGE = """<!doctype html><meta charset="utf-8"><title>{title}</title>
<style>body{{font:15px system-ui;max-width:72rem;margin:2rem auto;padding:0 1rem}}
figure{{display:inline-block;margin:.5rem}}table{{border-collapse:collapse}}
td,th{{padding:.2rem .8rem;text-align:left;border-bottom:1px solid #ccc}}</style>
<h1>{title}</h1><table>{rows}</table><p>{protocol}</p>{figures}"""


@dataclass(frozen=True)
class Budget:
    """What all trials have in common.

    steps: of the generator, None for the study's epochs. count: samples, and pictures of the test set, of a FID.
    precision: of the training's arithmetic, as `img2img train` knows it.
    """

    dataset: StandardName
    steps: int | None
    count: int
    precision: PrecisionName = "auto"

    def __str__(self) -> str:
        length = f"{self.steps:,} generator steps" if self.steps else f"{STUDY_EPOCHS[self.dataset]} epochs"
        return f"{self.dataset}, {length} in precision {self.precision}, {self.count:,} samples"

    @property
    def length(self) -> tuple[object, ...]:
        """As `img2img train` is told it."""
        return ("--steps", self.steps) if self.steps else ("--epochs", STUDY_EPOCHS[self.dataset])


@dataclass(frozen=True)
class Place:
    """Where it happens. root: of the standard sets."""

    root: Path
    device: str


@dataclass(frozen=True)
class Trial:
    """One game with one seed, in its own folder."""

    game: str
    seed: int
    folder: Path

    @property
    def sheet(self) -> Path:
        """Its first samples, made once it is trained."""
        return self.folder / "sheet.png"

    @property
    def shown(self) -> Path:
        """Folder with a file of each of its first samples, SHOWN of them."""
        return self.folder / "shown"

    @property
    def figures(self) -> Path:
        """What was measured, as `img2img evaluate gan --json` says it; written last."""
        return self.folder / "figures.json"

    def run(self, budget: Budget, place: Place) -> dict[str, Any]:
        """Trains it, or goes on; samples; measures. Returns its comparison: "figures" and their "protocol"."""
        if not self.figures.exists():
            img2img(*self._training(budget, place))
            img2img("sample", "--model", self.folder, "-o", self.sheet, "--device", place.device)
            measured = img2img(*self._measuring(budget, place))
            with write_atomically(self.figures) as draft:
                draft.write_text(measured, encoding="utf-8")
        if not self.shown.exists():
            self.shown.mkdir()
            img2img("sample", "--model", self.folder, "-o", self.shown, "--number", SHOWN, "--device", place.device)
        (found,) = json.loads(self.figures.read_text(encoding="utf-8"))["comparisons"]
        return dict(found)

    def _training(self, budget: Budget, place: Place) -> Iterator[object]:
        yield from ("train", VAE) if self.game == VAE else ("train", "gan", "--game", self.game)
        yield from ("--preset", "study", "--dataset", budget.dataset, "--root", place.root, *budget.length)
        yield from ("--seed", self.seed, "--out", self.folder, "--device", place.device)
        yield from ("--precision", budget.precision)
        if (self.folder / "checkpoint.safetensors").exists():
            yield "--resume"

    def _measuring(self, budget: Budget, place: Place) -> Iterator[object]:
        yield from ("evaluate", "gan", "--model", self.folder, "--dataset", budget.dataset, "--root", place.root)
        yield from ("--count", budget.count, "--reference-count", budget.count, "--device", place.device)
        yield from ("--no-precision-recall", "--no-prd", "--no-swd", "--lpips", "none", "--json")


def img2img(*arguments: object) -> str:
    """Standard output of one command, whose messages go through; ends this one, too, where it does not go well."""
    command = [sys.executable, "-m", "img2img", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as running:
        try:
            said, _ = running.communicate()
        except KeyboardInterrupt:  # it heard of it, too, and saves
            said, _ = running.communicate()
    if running.returncode:
        raise typer.Exit(running.returncode)
    return said


@dataclass(frozen=True)
class Row:
    """A game, and what was measured of each of its trials."""

    game: str
    figures: list[dict[str, float]]
    published: str

    def cells(self) -> tuple[str, ...]:
        """As HEADINGS: means and standard deviations over the seeds."""
        return self.game, str(len(self.figures)), self._over_seeds("fid", 1), self._over_seeds("kid", 4), self.published

    def _over_seeds(self, figure: str, decimals: int) -> str:
        values = [found[figure] for found in self.figures]
        spread = f" ± {stdev(values):.{decimals}f}" if len(values) > 1 else ""
        return f"{mean(values):.{decimals}f}{spread}"


def markdown(rows: list[Row]) -> str:
    """The table for a README."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *(row.cells() for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def page(rows: list[Row], trials: list[Trial], title: str, protocol: str, out: Path) -> str:
    """The table with the sheet of each trial."""
    lines = [f"<tr>{''.join(f'<th>{escape(cell)}</th>' for cell in HEADINGS)}</tr>"]
    lines += [f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row.cells())}</tr>" for row in rows]
    figures = (
        f'<figure><img src="{escape(trial.sheet.relative_to(out).as_posix())}" width="320">'
        f"<figcaption>{escape(trial.game)}, seed {trial.seed}</figcaption></figure>"
        for trial in trials
    )
    return PAGE.format(title=escape(title), rows="".join(lines), protocol=escape(protocol), figures="".join(figures))


def columns(trials: list[Trial]) -> list[tuple[str, Tensor]]:
    """What games.png shows: of each game the first seed's first samples, (SHOWN, C, H, W) in [-1, 1]."""
    return [(trial.game, as_batch(sorted(trial.shown.iterdir()))) for trial in trials if trial.seed == 0]


def as_batch(files: list[Path]) -> Tensor:
    """Pictures of one size: (N, C, H, W) in [-1, 1]."""
    return torch.stack([read_photo(file).pixels for file in files])


def require_same_budget(budget: Budget, file: Path) -> None:
    """Notes the budget of a folder, where figures of another one would not belong. Raises Refusal for another one."""
    asked = json.dumps(asdict(budget))
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(asked, encoding="utf-8")
    if (before := file.read_text(encoding="utf-8")) != asked:
        raise Refusal(f"--out {file.parent}: was begun with {before}, and this is {asked}; name another folder")


def main(
    dataset: Annotated[StandardName, typer.Option(help="The standard set.")] = "fashion-mnist",
    root: Annotated[Path, typer.Option(help="Folder of the standard sets.")] = Path("data"),
    out: Annotated[Path, typer.Option(help="Folder for everything that is made.")] = Path("runs/compare"),
    games: Annotated[str, typer.Option(help=f"Comma-separated, of {', '.join(COMPARED)} [default: all].")] = "",
    seeds: Annotated[int, typer.Option(min=1, help="Trials of each game: seeds 0, 1, ...")] = 3,
    steps: Annotated[int | None, typer.Option(min=1, help="Generator steps [default: the study's epochs].")] = None,
    count: Annotated[int, typer.Option(min=4, help="Samples, and pictures of the test half, of a FID.")] = 10_000,
    precision: Annotated[PrecisionName, typer.Option(help="Of the training's arithmetic.")] = "auto",
    device: Annotated[str, typer.Option(help="auto, cpu, mps, cuda.")] = "auto",
) -> None:
    """Train games and the VAE at equal budget; a table of FID beside the published one, and sheets."""
    wanted = [name.strip() for name in games.split(",")] if games else list(COMPARED)
    budget, place = Budget(dataset, steps, count, precision), Place(root, device)
    with refusals():
        if unknown := [name for name in wanted if name not in COMPARED]:
            raise Refusal(f"--games {','.join(unknown)}: the study has {', '.join(COMPARED)}")
        require_same_budget(budget, out / "budget.json")
    trials = [Trial(game, seed, out / "runs" / f"{game}-{seed}") for seed in range(seeds) for game in wanted]
    measured: dict[str, list[dict[str, float]]] = {}
    for number, trial in enumerate(trials, 1):
        print(f"[{number}/{len(trials)}] {trial.game}, seed {trial.seed}", file=sys.stderr)
        found = trial.run(budget, place)
        measured.setdefault(trial.game, []).append(found["figures"])
        # after each, so that one may look while the rest is under way
        rows = [Row(game, figures, PUBLISHED[game][dataset]) for game, figures in measured.items()]
        protocol = f"FID, KID: mean ± standard deviation over seeds; {found['protocol']['in_words']}; {PROTOCOL}"
        (out / "table.md").write_text(f"{budget}. {protocol}.\n\n{markdown(rows)}", encoding="utf-8")
        save_sheet(sheet(columns(trials[:number]), cell=CELL), out / "games.png")
        (out / "index.html").write_text(page(rows, trials[:number], str(budget), protocol, out), encoding="utf-8")
    print(out / "table.md")


if __name__ == "__main__":
    typer.run(main)
