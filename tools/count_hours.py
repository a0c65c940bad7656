"""How long the papers' trainings would take a GPU, by what is counted in one step of each preset, without a GPU.

    IMG2IMG_VGG19=FILE python tools/count_hours.py                      every row below
    python tools/count_hours.py --only cut --tflops 50                  at another rate

Counted on the CPU in the first step at the paper's size: floating point operations of convolutions and products, and
kernels that would be launched (`count_launches.py` has the model). A step is taken to last as long as the longer of the
two: operations at --tflops, launches at --launch µs each. Both rates are assumptions, and so are the hours; what is
counted is not. Operations grow with the batch, launches do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import torch
import typer
from count_launches import Launches
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from img2img.cli.errors import refusals
from img2img.config.base import Refusal
from img2img.config.toml import resolve
from img2img.data.augment import Augment
from img2img.data.sides import Sides
from img2img.recipes import bicyclegan, cut, cyclegan, munit, pix2pix, stargan, unit
from img2img.recipes.kind import Kind
from img2img.training.step.trainer import Trainer

COUNTED = 1
"""Pictures of the step that is counted."""


@dataclass(frozen=True)
class Row:
    """A preset and the data of its paper. pictures: of an epoch. classes: of the pictures."""

    kind: Kind
    preset: str
    data: str
    pictures: int
    sides: tuple[str, ...] = ("a", "b")
    classes: tuple[str, ...] = ()

    def config(self, batch_size: int | None = None) -> Any:
        """The preset's options, with a batch size of its own or with this one."""
        preset = self.kind.config.presets[self.preset]
        own = {"optimisation": {"batch_size": batch_size}} if batch_size else {}
        return resolve(self.kind.config, preset, own)

    @property
    def batch_size(self) -> int:
        """The paper's."""
        return int(self.config().optimisation.batch_size)

    @property
    def steps(self) -> int:
        """The paper's length."""
        return int(self.config().run.length(self.pictures // self.batch_size))

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Iterator[dict[str, Tensor]]:
        """The same bytes again and again."""
        side = self.config().data.size
        pictures = {name: torch.full((batch_size, 3, side, side), 100, dtype=torch.uint8) for name in self.sides}
        while True:
            yield pictures | ({"label": torch.zeros(batch_size, dtype=torch.int64)} if self.classes else {})


ROWS = {
    "pix2pix": Row(pix2pix.KIND, "paper", "facades", 400),
    "pix2pixhd": Row(pix2pix.KIND, "pix2pixhd", "Cityscapes, windows of 512 px", 2_975),
    "cyclegan": Row(cyclegan.KIND, "paper", "horses to zebras", 1_334),
    "cut": Row(cut.KIND, "paper", "horses to zebras", 1_334),
    "fastcut": Row(cut.KIND, "fastcut", "horses to zebras", 1_334),
    "stargan": Row(stargan.KIND, "paper", "CelebA", 200_599, ("real",), tuple("abcde")),
    "bicyclegan": Row(bicyclegan.KIND, "paper", "edges to shoes", 49_825),
    "unit": Row(unit.KIND, "paper", "any", 49_825),
    "munit": Row(munit.KIND, "paper", "any", 49_825),
}
"""Pictures as the papers say them: CycleGAN and CUT count epochs by the larger side."""


@dataclass(frozen=True)
class Counted:
    """Of one step of one picture: operations, and launches, of which no more are made for a larger batch."""

    operations: int
    launches: int


class Operations(TorchDispatchMode):
    """total: of convolutions and products, as torch counts them (two for each product that is added).

    Torch's own mode for this cannot follow the gradients of a penalty.
    """

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if of_this := flop_registry.get(func._overloadpacket):
            self.total += of_this(*args, **(kwargs or {}), out_val=result)
        return result


def counted(row: Row) -> Counted:
    """What the first step of a run asks for."""
    config = row.config(COUNTED)
    sides = Sides(dict.fromkeys(row.sides, 3), {side: side for side in row.sides}, row.classes)
    augment = nn.Sequential(
        Augment(config.data, paired=row.kind in (pix2pix.KIND, bicyclegan.KIND)), row.kind.derive(config)
    )
    trainer = Trainer(
        row.kind.recipe(config, sides), augment, config.optimisation, config.run,
        device=torch.device("cpu"), precision="fp32", total=row.steps,
    )  # fmt: skip
    with Operations() as operations, Launches() as launches:
        trainer.take_step(trainer.batches(row))
    return Counted(operations.total, launches.total)


def hours(row: Row, found: Counted, tflops: float, launch: float) -> float:
    """Of the whole training, at these rates: 1e12 operations a second, µs a launch."""
    seconds = max(found.operations * row.batch_size / (tflops * 1e12), found.launches * launch * 1e-6)
    return row.steps * seconds / 3600


def main(
    only: Annotated[list[str] | None, typer.Option(help="Rows to count, by name [default: all].")] = None,
    tflops: Annotated[float, typer.Option(min=0.1, help="Operations a second, 1e12.")] = 100.0,
    launch: Annotated[float, typer.Option(min=0.1, help="µs a launch.")] = 5.0,
) -> None:
    """A table of hours."""
    table = Table("preset", "data", "steps", "batch", "TFLOP a step", "launches", "hours")
    with refusals():
        for name in only or ROWS:
            if name not in ROWS:
                raise Refusal(f"--only {name}: there are {', '.join(ROWS)}")
            row = ROWS[name]
            found = counted(row)
            work = found.operations * row.batch_size / 1e12
            told = (f"{row.steps:,}", str(row.batch_size), f"{work:.3f}", f"{found.launches:,}")
            table.add_row(name, row.data, *told, f"{hours(row, found, tflops, launch):.2f}")
            print(name, *told, f"{hours(row, found, tflops, launch):.2f}", flush=True)
    Console(width=110).print(table)


if __name__ == "__main__":
    typer.run(main)
