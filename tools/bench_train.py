"""What pays in training: images/s of one training step, as the papers' code has it and with each speed-up alone.

    python tools/bench_train.py                          # the papers' networks at 256 px, batch 1
    python tools/bench_train.py --size 128 --seconds 10 --json

Every variant is built once, then the variants take turns, so that a machine that is busy for a while is busy for all of
them; a figure is the median over the rounds, a ratio the median of those of each round, with the lowest and highest.
On a CPU seconds are those of the process, which others' work does not lengthen. Data are random numbers already on the
device: the step alone is timed. As the papers' code: a forward pass for each picture, NCHW, float32, Adam weight by
weight; the networks and the loop are this project's, so that the papers' own code has to be timed beside it to be sure.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import torch
import typer
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from img2img.adversarial import Adversary
from img2img.config.base import Config
from img2img.config.toml import resolve
from img2img.config.train.cut import CutConfig
from img2img.config.train.cyclegan import CycleganConfig
from img2img.config.train.pix2pix import Pix2pixConfig
from img2img.data.sides import Sides
from img2img.fastest import FASTEST, Precision, machine_of
from img2img.machine import choose_device, memory_gib
from img2img.networks import initialise
from img2img.recipes.cut import Cut
from img2img.recipes.cyclegan import Cyclegan
from img2img.recipes.pix2pix import Pix2pix
from img2img.training.trainer import Trainer

RECIPES: dict[str, tuple[type[Config], type[Any]]] = {
    "pix2pix": (Pix2pixConfig, Pix2pix),
    "cyclegan": (CycleganConfig, Cyclegan),
    "cut": (CutConfig, Cut),
}


@dataclass(frozen=True)
class Variant:
    """One way to take the same step."""

    name: str
    precision: Precision | None = None
    """None: the one that is asked for."""
    channels_last: bool | None = False
    """None: as the device has it."""
    one_pass: bool = False
    fused: bool | None = None
    """Adam in one kernel; False: in a few; None: weight by weight."""
    compile: bool = False


PAPER = Variant("as the papers' code, fp32", precision="fp32")
VARIANTS = (
    PAPER,
    Variant("plain", fused=False),
    Variant("channels_last", channels_last=True, fused=False),
    Variant("fake and identity in one pass", one_pass=True, fused=False),
    Variant("fused Adam", fused=True),
    Variant("compile", fused=False, compile=True),
    Variant("all but compile (the default)", channels_last=None, one_pass=True, fused=True),
    Variant("all", channels_last=None, one_pass=True, fused=True, compile=True),
)


class Noise:
    """Random pictures in [-1, 1] that stay on the device."""

    def __init__(self, size: int, device: torch.device) -> None:
        self.size, self.device = size, device

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Iterator[dict[str, Tensor]]:
        """The same batch again and again."""
        shape = (batch_size, 3, self.size, self.size)
        batch = {side: torch.rand(shape, device=self.device) * 2 - 1 for side in "ab"}
        while True:
            yield batch


class Bench:
    """A trainer made as a variant says, and the steps it has been timed for."""

    def __init__(
        self, recipe: str, variant: Variant, size: int, batch: int, precision: str, device: torch.device
    ) -> None:
        config_class, recipe_class = RECIPES[recipe]
        options = {
            "data": {"size": size},
            "optimisation": {"batch_size": batch},
            "run": {
                "precision": variant.precision or precision,
                "channels_last": variant.channels_last,
                "compile": variant.compile,
            },
        }
        config: Any = resolve(config_class, config_class.presets["paper"], options)
        torch.manual_seed(0)
        made = recipe_class(config, Sides({"a": 3, "b": 3}, {"a": "a", "b": "b"}))
        made.one_pass = variant.one_pass
        for network in [*made.generators.values(), *made.adversaries.values()]:
            initialise(network.critic if isinstance(network, Adversary) else network)
        self.variant = variant
        self.trainer = Trainer(
            made,
            nn.Identity(),
            config.optimisation,
            config.run,
            device=device,
            precision=config.run.precision,
            total=10**6,
        )
        for player in (self.trainer.generators, self.trainer.critics):
            together = variant.fused is False  # all weights in a few kernels, each of one operation
            player.optimiser = torch.optim.Adam(
                player.weights, lr=2e-4, betas=(0.5, 0.999), foreach=together, fused=bool(variant.fused)
            )
        self.batches = self.trainer.batches(Noise(size, device))
        self.images = batch
        self.rates: list[float] = []

    def measure(self, seconds: float) -> None:
        """Adds the images/s of about this many seconds; a step ends with a wait for the device."""
        now = time.process_time if self.trainer.device.type == "cpu" else time.perf_counter
        started, steps = now(), 0
        while steps == 0 or now() - started < seconds:
            self.trainer.take_step(self.batches)
            steps += 1
        self.rates.append(self.images * steps / (now() - started))


def bench(recipe: str, size: int, batch: int, precision: str, device: torch.device, seconds: float, rounds: int,
          variants: tuple[Variant, ...]) -> list[dict[str, Any]]:  # fmt: skip
    """A row for each variant: images/s, and its ratio to the papers' code."""
    benches = []
    for variant in variants:
        if recipe == "pix2pix" and variant.name.startswith("fake and identity"):
            continue
        made = Bench(recipe, variant, size, batch, precision, device)
        try:
            for _ in range(2 if variant.compile else 1):  # compilation and kernel selection
                made.trainer.take_step(made.batches)
        except Exception as error:
            print(f"{recipe} {precision} {variant.name}: {str(error).splitlines()[0]}", file=sys.stderr)
            continue
        benches.append(made)
    for _ in range(rounds):
        for made in benches:
            made.measure(seconds)
    return [
        {
            "recipe": recipe,
            "size": size,
            "batch": batch,
            "precision": precision,
            "variant": made.variant.name,
            "images_per_second": round(statistics.median(made.rates), 3),
            "rounds": rounds,
            **_ratios([mine / first for mine, first in zip(made.rates, benches[0].rates, strict=True)]),
        }
        for made in benches
    ]


def _ratios(found: list[float]) -> dict[str, float]:
    """Their median and their spread."""
    return {
        "ratio": round(statistics.median(found), 2),
        "lowest": round(min(found), 2),
        "highest": round(max(found), 2),
    }


def main(
    recipes: Annotated[str, typer.Option(help="Which, comma-separated.")] = "pix2pix,cyclegan",
    precisions: Annotated[str, typer.Option(help="fp32, bf16, fp16, comma-separated.")] = "fp32,bf16",
    size: Annotated[int, typer.Option(help="Side of the pictures, px.")] = 256,
    batch: Annotated[int, typer.Option(help="Images of a step.")] = 1,
    seconds: Annotated[float, typer.Option(help="Of each measurement.")] = 5.0,
    rounds: Annotated[int, typer.Option(help="Measurements of each variant.")] = 3,
    device: Annotated[str, typer.Option(help="auto, cpu, mps, cuda.")] = "auto",
    only: Annotated[str, typer.Option(help="Variants whose names have one of these, comma-separated.")] = "",
    compile: Annotated[Literal["yes", "no"], typer.Option(help="Whether to time the compiled variants.")] = "yes",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Images/s of one training step of the papers' networks, plain and with each speed-up alone."""
    chosen = choose_device(device)
    name = torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    variants = tuple(variant for variant in VARIANTS if compile == "yes" or not variant.compile)
    if only:
        words = only.split(",")
        variants = tuple(one for one in variants if one is PAPER or any(word in one.name for word in words))
    row_of_table = machine_of(chosen)
    trains_in = ", ".join(FASTEST[row_of_table, "train"])
    title = f"{name}, torch {torch.__version__}, {size} px, batch {batch}, {rounds} rounds"
    table = Table(title=title, caption=f"{row_of_table}: --precision auto is the first of {trains_in}")
    for column in ("recipe", "precision", "variant", "images/s", "ratio", "lowest to highest"):
        table.add_column(column)
    for recipe in recipes.split(","):
        for precision in precisions.split(","):
            for row in bench(recipe, size, batch, precision, chosen, seconds, rounds, variants):
                if as_json:
                    print(json.dumps({"device": name} | row), flush=True)
                rate, ratio = row["images_per_second"], row["ratio"]
                spread = f"{row['lowest']:.2f} to {row['highest']:.2f}"
                table.add_row(recipe, precision, row["variant"], f"{rate:.3g}", f"{ratio:.2f}", spread)
    if not as_json:
        Console().print(table)
    print(f"peak memory {memory_gib(chosen):.2f} GiB", file=sys.stderr)


if __name__ == "__main__":
    typer.run(main)
