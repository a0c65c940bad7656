"""What pays in training: seconds of one step, as the papers' plain code takes it and as ours does, with each speed-up.

    OMP_NUM_THREADS=1 python tools/bench_train.py                      # the translators at 256 px, batch 1
    OMP_NUM_THREADS=1 python tools/bench_train.py --only default       # plain code and default alone: less memory
    python tools/bench_train.py --recipes srresnet,srgan --size 96 --batch 16 --json

Everything is built once, then all take turns, so that a machine that is busy for a while is busy for all of them: a
figure is the median over the rounds, with the lowest and highest; a ratio is that of each round to the first row.
On a CPU seconds are those of the process, which others' work lengthens little. Data are random numbers already on the
device: the step alone is timed. The first row is the papers' plain code (papers_steps.py), which shares nothing with
the package. On a GPU it has TF32, as torch does by default.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, cast
from unittest import mock

import papers_steps
import torch
import typer
from papers_networks import vgg19
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from img2img.config.toml import resolve
from img2img.data.sides import Sides
from img2img.fastest import FASTEST, Precision, machine_of
from img2img.machine import choose_device, memory_gib
from img2img.networks.vgg19 import WEIGHTS_VARIABLE
from img2img.recipes import cut, cyclegan, pix2pix, srgan
from img2img.recipes.kind import Kind
from img2img.training.launch import initialise_all
from img2img.training.step.trainer import Trainer

Take = Callable[[], object]
"""One training step."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """What is stepped. size: side of the pictures, px. width: of the networks' first layer; the papers' is 64."""

    size: int = 256
    batch: int = 1
    width: int = 64

    @property
    def levels(self) -> int:
        """Of the U-Net: down to one px, 8 at most."""
        return min(8, int(math.log2(self.size)))


Plain = Callable[[torch.device, Shape], papers_steps.Step]


@dataclass(frozen=True)
class Subject:
    """A recipe, as ours and, if there is any, as plain code. scales: side of a batch -> the part that pictures have."""

    kind: Kind
    plain: Plain | None
    scales: Mapping[str, int]
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def batch(self, shape: Shape, device: torch.device) -> dict[str, Tensor]:
        """Random pictures in [-1, 1]."""
        sides = {
            name: (shape.batch, 3, shape.size // scale, shape.size // scale) for name, scale in self.scales.items()
        }
        return {name: torch.rand(size, device=device) * 2 - 1 for name, size in sides.items()}


TRANSLATED, ENLARGED = {"a": 1, "b": 1}, {"high": 1, "low": 4}
SUBJECTS = {
    "pix2pix": Subject(
        pix2pix.KIND, lambda device, shape: papers_steps.Pix2pix(device, shape.width, shape.levels), TRANSLATED
    ),
    "cyclegan": Subject(cyclegan.KIND, lambda device, shape: papers_steps.Cyclegan(device, shape.width), TRANSLATED),
    "srresnet": Subject(
        srgan.KIND,
        lambda device, shape: papers_steps.Srresnet(device, shape.width),
        ENLARGED,
        {"objective": {"perceptual": 0.0, "adversarial": 0.0, "pixel": 1.0}},
    ),
    "srgan": Subject(
        srgan.KIND,
        lambda device, shape: papers_steps.Srgan(device, shape.width, side=shape.size),
        ENLARGED,
        {"optimisation": {"pretrain_steps": 0}},
    ),
    "cut": Subject(cut.KIND, None, TRANSLATED),  # to be seen beside cyclegan
}


@dataclass(frozen=True)
class Variant:
    """One way of ours to take the same step."""

    name: str
    channels_last: bool | None = False
    """None: as the device has it."""
    one_pass: bool = False
    fused: bool | None = None
    """Adam in one kernel; False: in a few; None: weight by weight."""
    compile: bool = False


AS_PAPERS = Variant("ours, weight by weight")
VARIANTS = (
    AS_PAPERS,
    Variant("plain", fused=False),
    Variant("channels_last", channels_last=True, fused=False),
    Variant("fake and identity in one pass", one_pass=True, fused=False),
    Variant("fused Adam", fused=True),
    Variant("compile", fused=False, compile=True),
    Variant("default: all but compile", channels_last=None, one_pass=True, fused=True),
    Variant("all", channels_last=None, one_pass=True, fused=True, compile=True),
)
PLAIN = "the papers' plain code"


class Timed:
    """Steps of one kind, and the seconds that each round of them took, a step."""

    def __init__(self, name: str, precision: str, take: Take, device: torch.device) -> None:
        self.name, self.precision, self.take, self.device = name, precision, take, device
        self.seconds: list[float] = []

    def measure(self, seconds: float) -> None:
        """Adds a round of about this many seconds."""
        now = time.process_time if self.device.type == "cpu" else time.perf_counter
        started, steps = now(), 0
        while steps == 0 or now() - started < seconds:
            self.take()
            steps += 1
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        self.seconds.append((now() - started) / steps)


def plain_step(plain: Plain, subject: Subject, shape: Shape, device: torch.device) -> Take:
    """The papers' code, with cuDNN as torch and that code have set it."""
    torch.manual_seed(0)
    step, batch = plain(device, shape), subject.batch(shape, device)

    def take() -> None:
        with torch.backends.cudnn.flags(enabled=True, benchmark=True, deterministic=False, allow_tf32=True):
            step.take(batch)

    return take


def our_step(subject: Subject, variant: Variant, shape: Shape, precision: Precision, device: torch.device) -> Take:
    """A step of the trainer, of the papers' networks."""
    trainer = our_trainer(subject, variant, shape, precision, device)
    batches = trainer.batches(Same(subject.batch(shape, device)))
    return lambda: trainer.take_step(batches)


class Same:
    """The same batch again and again."""

    def __init__(self, batch: dict[str, Tensor]) -> None:
        self.batch = batch

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Iterator[dict[str, Tensor]]:
        """On the device already."""
        while True:
            yield self.batch


def our_trainer(
    subject: Subject, variant: Variant, shape: Shape, precision: Precision, device: torch.device
) -> Trainer:
    """A recipe with its paper's preset, and a trainer as the variant says."""
    options = {
        "data": {"size": shape.size},
        "networks": {"width": shape.width, "critic_width": shape.width},
        "optimisation": {"batch_size": shape.batch},
        "run": {"precision": precision, "channels_last": variant.channels_last, "compile": variant.compile},
    }
    config: Any = resolve(subject.kind.config, subject.kind.config.presets["paper"], subject.options, options)
    torch.manual_seed(0)
    sides = [name for name in subject.scales if name != "low"]  # which is made of high
    recipe: Any = subject.kind.recipe(config, Sides(dict.fromkeys(sides, 3), {side: side for side in sides}))
    recipe.one_pass = variant.one_pass
    initialise_all(recipe, None)
    trainer = Trainer(
        recipe, nn.Identity(), config.optimisation, config.run, device=device, precision=precision, total=10**7
    )
    for player in (trainer.generators, trainer.critics):
        together = variant.fused is False  # all weights in a few kernels, each of one operation
        (group,) = player.optimiser.param_groups
        player.optimiser = torch.optim.Adam(
            [{"params": player.weights}], group["lr"], group["betas"], foreach=together, fused=bool(variant.fused)
        )
    return trainer


def bench(
    name: str,
    shape: Shape,
    precisions: Sequence[Precision],
    device: torch.device,
    seconds: float,
    rounds: int,
    variants: Sequence[Variant] = VARIANTS,
) -> list[Row]:
    """A row for plain code, and for each variant of ours in each precision."""
    subject = SUBJECTS[name]
    ways = [(variant, precision) for precision in precisions for variant in variants]
    timed = []
    with drawn_vgg19():
        makes: list[tuple[str, Any, Callable[[], Take]]] = []
        if subject.plain:
            makes.append((PLAIN, "fp32", partial(plain_step, subject.plain, subject, shape, device)))
        makes += [(way.name, kind, partial(our_step, subject, way, shape, kind, device)) for way, kind in ways]
        for label, precision, make in makes:
            try:
                take = make()
                for _ in range(2 if label in ("compile", "all") else 1):  # compilation, selection of kernels
                    take()
            except Exception as error:
                print(f"{name} {precision} {label}: {str(error).splitlines()[0]}", file=sys.stderr)
                continue
            timed.append(Timed(label, precision, take, device))
    for _ in range(rounds):
        for one in timed:
            one.measure(seconds)
    what = {"recipe": name, "size": shape.size, "batch": shape.batch}
    return [what | row_of(one, timed[0]) for one in timed]


def row_of(one: Timed, first: Timed) -> Row:
    """Medians over rounds, the lowest and the highest; how many times as fast as the first."""
    ratios = [theirs / mine for theirs, mine in zip(first.seconds, one.seconds, strict=True)]
    figures = {"seconds": one.seconds, "ratio": ratios}
    row: Row = {"variant": one.name, "precision": one.precision, "rounds": len(one.seconds)}
    for figure, values in figures.items():
        row[figure] = float(f"{statistics.median(values):.3g}")
        row[f"{figure}_lowest"] = float(f"{min(values):.3g}")
        row[f"{figure}_highest"] = float(f"{max(values):.3g}")
    return row


@contextmanager
def drawn_vgg19() -> Iterator[None]:
    """VGG19 with random weights in place of the trained ones, which change no time."""
    with tempfile.TemporaryDirectory() as folder:
        weights = {f"features.{name}": value.half() for name, value in vgg19().state_dict().items()}
        torch.save(weights, Path(folder, "vgg19.pth"))
        with mock.patch.dict(os.environ, {WEIGHTS_VARIABLE: str(Path(folder, "vgg19.pth"))}):
            yield


def chosen_variants(only: str, compiled: bool) -> list[Variant]:
    """Those whose names have one of these words; compiled: the compiled ones, too."""
    words = only.split(",")
    return [one for one in VARIANTS if (compiled or not one.compile) and any(word in one.name for word in words)]


COLUMNS = ("recipe", "variant", "precision", "s a step", "lowest to highest", "ratio", "lowest to highest")


def cells(row: Row) -> list[str]:
    """As COLUMNS."""
    spreads = [f"{row[f'{name}_lowest']:.3g} to {row[f'{name}_highest']:.3g}" for name in ("seconds", "ratio")]
    return [
        *(row["recipe"], row["variant"], row["precision"]),
        *(f"{row['seconds']:.3g}", spreads[0], f"{row['ratio']:.2f}", spreads[1]),
    ]


def main(
    recipes: Annotated[str, typer.Option(help=f"Of {', '.join(SUBJECTS)}, comma-separated.")] = "pix2pix,cyclegan",
    precisions: Annotated[str, typer.Option(help="fp32, bf16, fp16, comma-separated.")] = "fp32,bf16",
    size: Annotated[int, typer.Option(help="Side of the pictures, px.")] = 256,
    batch: Annotated[int, typer.Option(help="Images of a step.")] = 1,
    width: Annotated[int, typer.Option(help="Channels of the networks' first layer; 64 is the papers'.")] = 64,
    seconds: Annotated[float, typer.Option(help="Of each measurement.")] = 5.0,
    rounds: Annotated[int, typer.Option(help="Measurements of each variant.")] = 3,
    device: Annotated[str, typer.Option(help="auto, cpu, mps, cuda.")] = "auto",
    only: Annotated[str, typer.Option(help="Variants whose names have one of these, comma-separated.")] = "",
    compile: Annotated[Literal["yes", "no"], typer.Option(help="Whether to time the compiled variants.")] = "yes",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Seconds of one training step of the papers' networks: plain code, ours, and ours with each speed-up alone."""
    chosen = choose_device(device)
    torch.backends.cudnn.benchmark = True  # as in training
    name = torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    prefers = ", ".join(FASTEST[machine_of(chosen), "train"])
    title = f"{name}, torch {torch.__version__}, {size} px, batch {batch}, {rounds} rounds"
    table = Table(title=title, caption=f"{machine_of(chosen)}: training prefers {prefers}")
    for column in COLUMNS:
        table.add_column(column)
    shape, kinds, variants = Shape(size, batch, width), precisions.split(","), chosen_variants(only, compile == "yes")
    for recipe in recipes.split(","):
        for row in bench(recipe, shape, cast(list[Precision], kinds), chosen, seconds, rounds, variants):
            if as_json:
                print(json.dumps({"device": name} | row), flush=True)
            table.add_row(*cells(row))
    if not as_json:
        Console().print(table)
    print(f"peak memory {memory_gib(chosen):.2f} GiB", file=sys.stderr)


if __name__ == "__main__":
    typer.run(main)
