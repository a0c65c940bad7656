"""The toy proof: every game on a ring of 8 or a grid of 25 Gaussians, through the real recipe and the real trainer.

    python tools/bench_ring.py --out runs/ring                 every row, about 17 minutes of one core
    python tools/bench_ring.py --games wgan-gp,ebgan --steps 2000 --seeds 3 --shape grid

What is counted, on 10,000 samples: a mode is found where at least 1 % of them lie within 3 standard deviations of it;
the quality is the share within 3 standard deviations of any mode. The data themselves have quality 98.9 %.
"""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean
from typing import Annotated, Literal

import torch
import typer
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from rich.table import Table
from ring_mixtures import RULE, Cover, Mixture, cover, grid, ring
from ring_rows import GENERATOR, GRID_ROWS, LATENT, ROWS, Row
from torch import Tensor

from img2img.adversarial import Adversary
from img2img.config.networks.prior import Prior
from img2img.config.sections.run import Run
from img2img.data.folders.classes import REAL
from img2img.data.latents import Latents
from img2img.networks import build
from img2img.recipes.shared.from_noise import FromNoise
from img2img.training.report.sheets import save_sheet
from img2img.training.step.schedule import seed_noise
from img2img.training.step.trainer import Trainer

SAMPLES = 10_000
PRIOR = Prior(noise=LATENT)

# -- one run ----------------------------------------------------------------------------------------------------------


def start(row: Row, steps: int, seed: int) -> Trainer:
    """A fresh run of this row on the CPU, from torch's default first weights."""
    seed_noise(seed, 0, 0, draw=1 << 20)
    recipe = FromNoise(
        build(GENERATOR),
        {REAL: Adversary(build(row.critic), row.rules, stabilisers=row.stabilisers)},
        spec=GENERATOR,
        critics={REAL: row.critic},
        prior=PRIOR,
        game=row.game,
        critic_steps=row.rules.critic_steps,
    )
    run = Run(seed=seed, channels_last=False)
    cpu = torch.device("cpu")
    return Trainer(recipe, Latents(PRIOR, of=REAL), row.optimisation, run, device=cpu, precision="fp32", total=steps)


def train(trainer: Trainer, mixture: Mixture, steps: int) -> None:
    """Takes so many generator steps."""
    batches = trainer.batches(mixture)
    for _ in range(steps):
        trainer.take_step(batches)


@torch.no_grad()
def draw(trainer: Trainer, count: int = SAMPLES) -> Tensor:
    """(count, 2) samples of the generator that would be kept, of the same latents for every row."""
    latents = torch.randn(count, LATENT, generator=torch.Generator().manual_seed(0))
    return trainer.best_generators["generator"](latents)


@dataclass(frozen=True)
class Result:
    """One row, one run a seed. seconds: processor time of one run."""

    name: str
    row: Row
    covers: list[Cover]
    seconds: float
    samples: Tensor
    """Of the first seed."""

    @property
    def verdicts(self) -> str:
        """What the runs came to; all of it where they differ."""
        said = [each.verdict for each in self.covers]
        return ", ".join(f"{said.count(word)} {word}" if len(set(said)) > 1 else word for word in dict.fromkeys(said))


def bench(name: str, row: Row, mixture: Mixture, steps: int, seeds: int) -> Result:
    """Trains a row once for each seed."""
    covers, drawn, started = [], [], time.process_time()
    for seed in range(seeds):
        trainer = start(row, steps, seed)
        train(trainer, mixture, steps)
        drawn.append(draw(trainer))
        covers.append(cover(drawn[-1], mixture))
    return Result(name, row, covers, (time.process_time() - started) / seeds, drawn[0])


# -- what it prints ---------------------------------------------------------------------------------------------------


def settings(row: Row) -> dict[str, str]:
    """The columns that say how a row was trained."""
    optimisation, rules, helped = row.optimisation, row.rules, row.stabilisers
    betas = f"{optimisation.beta1:g}, {optimisation.beta2:g}" if optimisation.optimiser == "adam" else "RMSprop"
    held = [f"{penalty.weight:g} {penalty.at} → {penalty.target:g}" for penalty in rules.penalties]
    held += [f"clip {rules.clip:g}"] if rules.clip else []
    held += [f"k by {rules.balance.rate:g}, γ {rules.balance.diversity:g}"] if rules.balance else []
    held += [f"margin {row.margin:g}, pull-away {rules.pull_away:g}"] if row.margin else []
    held += [f"noise {helped.instance_noise:g}"] if helped.instance_noise else []
    held += [f"looks ahead at {helped.unroll_rate:g}"] if helped.unroll else []
    norm = row.critic.norm if row.critic.network == "mlp" else f"autoencoder, code {row.critic.code}"
    return {
        "lr": f"{optimisation.lr:g}",
        "critic lr": f"{optimisation.critic_lr or optimisation.lr:g}",
        "betas": betas,
        "critic steps": str(rules.critic_steps),
        "penalty": "\n".join(held) or "–",
        "norm": norm,
        "ema": f"{optimisation.ema:g}",
        "batch": str(optimisation.batch_size),
    }


def table(results: list[Result], title: str) -> Table:
    """One line a row."""
    lines = Table(title=title, caption=RULE, show_lines=False)
    for column in ("game", *settings(results[0].row), "CPU s", "modes", "quality", "verdict"):
        lines.add_column(column, justify="right" if column in ("CPU s", "modes", "quality") else "left")
    for result in results:
        modes = " ".join(str(each.found) for each in result.covers)
        quality = f"{mean(each.quality for each in result.covers):.1%}"
        lines.add_row(
            result.name,
            *settings(result.row).values(),
            f"{result.seconds:.0f}",
            f"{modes} of {result.covers[0].modes}",
            quality,
            result.verdicts,
        )
    return lines


def as_json(result: Result) -> str:
    """One object a row, with each seed's cover."""
    covers = [asdict(each) | {"verdict": each.verdict} for each in result.covers]
    return json.dumps({"row": result.name} | settings(result.row) | {"seconds": result.seconds, "seeds": covers})


def picture(results: list[Result], mixture: Mixture, across: int = 5, side: int = 256) -> Image.Image:
    """A panel a row, [-1.1, 1.1] both ways: 4,000 samples as dots, the modes as circles."""
    font, line = ImageFont.load_default(size=13), 20
    down = math.ceil(len(results) / across)
    paper = Image.new("RGB", (across * side, down * (side + 2 * line)), (24, 24, 27))
    pen = ImageDraw.Draw(paper)
    for index, result in enumerate(results):
        left, top = index % across * side, index // across * (side + 2 * line)
        first = result.covers[0]
        pen.text((left + 6, top + 4), result.name, fill=(244, 244, 245), font=font)
        said = f"{first.found}/{first.modes}  {first.quality:.0%}  {first.verdict}"
        pen.text((left + 6, top + 2 + line), said, fill=(161, 161, 170), font=font)

        def at(points: Tensor, left: int = left, top: int = top + 2 * line) -> list[tuple[float, float]]:
            inside = points[(points.abs() < 1.1).all(dim=1)]
            return [(left + (x + 1.1) / 2.2 * side, top + (1.1 - y) / 2.2 * side) for x, y in inside.tolist()]

        for x, y in at(mixture.centres):
            pen.ellipse((x - 5, y - 5, x + 5, y + 5), outline=(249, 115, 22))
        pen.point(at(result.samples[:4000]), fill=(125, 211, 252))
    return paper


def main(
    games: Annotated[str, typer.Option(help="Rows, comma-separated [default: all].")] = "",
    steps: Annotated[int, typer.Option(min=1, help="Generator steps of a run.")] = 5000,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each row.")] = 1,
    shape: Annotated[Literal["ring", "grid"], typer.Option(help="8 Gaussians on a circle, or 5 x 5.")] = "ring",
    out: Annotated[Path | None, typer.Option(help="Folder for a sheet of scatter plots.")] = None,
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a row, no table.")] = False,
) -> None:
    """Modes found and share of good samples for every game, with the settings used."""
    torch.set_num_threads(1)
    wanted = [name.strip() for name in games.split(",")] if games else list(ROWS)
    if unknown := [name for name in wanted if name not in ROWS]:
        raise typer.BadParameter(f"no row {', '.join(unknown)}; there are: {', '.join(ROWS)}", param_hint="--games")
    rows, mixture = (ROWS, ring()) if shape == "ring" else (GRID_ROWS, grid())
    results = []
    for name in wanted:
        results.append(bench(name, rows[name], mixture, steps, seeds))
        if json_lines:
            print(as_json(results[-1]), flush=True)
        print(f"{name}: {results[-1].covers}", file=sys.stderr, flush=True)
    if not json_lines:
        title = f"{shape} of {len(mixture.centres)} Gaussians of std {mixture.std:g}, {steps:,} generator steps"
        Console(width=None if sys.stdout.isatty() else 180).print(table(results, title))
    if out:
        save_sheet(picture(results, mixture), out / f"{shape}.png")


if __name__ == "__main__":
    typer.run(main)
