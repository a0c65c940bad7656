"""How many kernels a GPU would be asked to launch for one training step, counted without a GPU.

    python tools/count_launches.py                        # every row below, batch 1, 256 px (super-resolution 96)

The model, in words: each op that reaches the device's code is one launch, but for these.
- none: views, and what only makes room (`empty`);
- two: a convolution with a bias (cuDNN adds it in a kernel of its own); its backward pass has one for each of input,
  weight and bias that it is asked for;
- copies between layouts and types are one each, also those that a convolution of mixed layouts, or padding, which on
  CUDA takes planes, makes inside; a draw of random numbers, a fill, a sum are one each.
- foreach and fused ops: one for each 32 tensors (CUDA's kernels take their addresses as arguments).
Counted on the test suite's pretended accelerator, whose autocast has CUDA's lists, in the layout that a GPU has by
default. Widths do not matter: tiny networks of the papers' depth are stepped. What prepares several steps' batches at
once is shared among them.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import torch
import typer
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from img2img.config.sections.two_phases import ADVERSARIAL, PRETRAINING
from img2img.config.toml import resolve
from img2img.data.augment import Augment
from img2img.data.sides import Sides
from img2img.fastest import FASTEST, Precision
from img2img.recipes import cyclegan, inpaint, pix2pix, srgan
from img2img.recipes.kind import Kind
from img2img.training.step.trainer import Trainer

CHUNK = 32
"""Tensors that one launch of a foreach or fused kernel takes."""
ROOM = ("empty", "new_empty", "resize_", "_local_scalar_dense", "lift_fresh", "detach", "alias", "set_")
PLANAR = ("reflection_pad2d", "replication_pad2d")
"""Ops that on CUDA take planes, and give them."""
VIEWS = frozenset({
    "_reshape_alias", "_unsafe_view", "as_strided", "diagonal", "expand", "imag", "narrow", "permute", "real",
    "reshape", "select", "slice", "split", "split_with_sizes", "squeeze", "t", "transpose", "unbind", "unfold",
    "unsafe_split", "unsqueeze", "view", "view_as", "view_as_complex", "view_as_real",
})  # fmt: skip


class Launches(TorchDispatchMode):
    """counted: {op: launches}, by the model above."""

    def __init__(self) -> None:
        super().__init__()
        self.counted: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        name = func._schema.name.removeprefix("aten::")
        self.counted[name] += _launches(name, args)
        maps = [value for value in args if isinstance(value, Tensor) and value.dim() == 4]
        if name in ("convolution", "convolution_backward") and any(_lies(value, nhwc=True) for value in maps):
            self.counted["layout inside"] += sum(_lies(value, nhwc=False) for value in maps)
        if name.startswith(PLANAR) and any(_lies(value, nhwc=True) for value in maps):
            self.counted["layout inside"] += 1
            return result.contiguous()
        return result

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counted.values())


def _lies(value: Tensor, nhwc: bool) -> bool:
    """Whether a map lies in the one memory layout and not in the other."""
    ways = value.is_contiguous(memory_format=torch.channels_last), value.is_contiguous()
    return ways == (nhwc, not nhwc)


def _launches(name: str, args: Any) -> int:
    if name in VIEWS or name.startswith((*ROOM, "profiler::")):
        return 0
    if name.startswith(("_foreach", "_fused", "_amp_foreach")):
        return math.ceil(len(args[0]) / CHUNK)
    if name == "convolution":
        return 1 + (args[2] is not None)
    if name == "convolution_backward":
        return sum(args[-1])
    return 1


@dataclass(frozen=True)
class Row:
    """A step to be counted: a recipe with options by section. phase: of a run that has two."""

    kind: Kind
    sides: tuple[str, ...]
    side: int = 256
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    phase: str = ""

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Iterator[dict[str, Tensor]]:
        """The same bytes again and again."""
        shape = (batch_size, 3, self.side, self.side)
        while True:
            yield {side: torch.zeros(shape, dtype=torch.uint8) + 100 for side in self.sides}


NARROW = {"width": 4, "critic_width": 4}
PIXELS = {"perceptual": 0.0}
ROWS = {
    "cyclegan": Row(cyclegan.KIND, ("a", "b"), options={"networks": NARROW}),
    "cyclegan, adaptive": Row(
        cyclegan.KIND, ("a", "b"), options={"networks": NARROW, "objective": {"critic_augment": "adaptive"}}
    ),
    "pix2pix": Row(pix2pix.KIND, ("a", "b"), options={"networks": NARROW}),
    "srgan, pixels": Row(srgan.KIND, ("high",), 96, {"networks": NARROW, "objective": PIXELS}, PRETRAINING),
    "srgan, critic": Row(srgan.KIND, ("high",), 96, {"networks": NARROW, "objective": PIXELS}, ADVERSARIAL),
    "inpaint, pixels": Row(inpaint.KIND, ("high",), 256, {"networks": NARROW, "objective": PIXELS}, PRETRAINING),
}


@dataclass(frozen=True)
class Counted:
    """Launches of one step: its share of the preparation of batches, all of it, and by op without that share."""

    batch: int
    step: int
    by_op: Counter[str]


def accelerator() -> tuple[torch.device, AbstractContextManager[object]]:
    """A device that takes CUDA's ways, and the context in which it works. It changes the process for good."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from support.accelerator import DEVICE, Accelerator

    return DEVICE, Accelerator()


def counted(row: Row, precision: Precision) -> Counted:
    """The third step of a run, for which everything that is kept is there."""
    device, working = accelerator()
    layout = FASTEST["cuda", "train"][precision]
    options: dict[str, Any] = {
        "data": {"size": row.side}, "optimisation": {"batch_size": 1},
        "run": {"channels_last": layout == torch.channels_last},
    }  # fmt: skip
    if row.phase:
        options["optimisation"]["pretrain_steps"] = 5
    config: Any = resolve(row.kind.config, options, row.options)
    with working:
        torch.manual_seed(0)
        recipe = row.kind.recipe(config, Sides(dict.fromkeys(row.sides, 3), {side: side for side in row.sides}))
        augment = nn.Sequential(Augment(config.data, paired=row.kind is not cyclegan.KIND), row.kind.derive(config))
        trainer = Trainer(
            recipe, augment, config.optimisation, config.run, device=device, precision=precision, total=10
        )
        trainer.step = 8 if row.phase == ADVERSARIAL else 0
        batches = trainer.batches(row)
        for _ in range(2):
            trainer.take_step(batches)
        with Launches() as step:
            trainer.take_step(batches)
        together = trainer.preparation.together
        raw = list(islice(row.batches(0, 0, 1), together))
        with Launches() as prepared:
            trainer.preparation.prepared(raw, together)
    batch = math.ceil(prepared.total / together / trainer.batches_per_step)
    return Counted(batch, step.total + batch, step.counted)


def main(
    ops: bool = typer.Option(False, help="Also the ten largest ops of each, in bf16."),
    json_file: Path | None = typer.Option(None, "--json", help="Write {step: {precision: launches}} there, too."),
    only: list[str] = typer.Option([], help="Rows to count, by name [default: all]."),
) -> None:
    """A table of launches."""
    accelerator()
    from support.accelerator_autocast import register

    register()
    table = Table("step", "bf16", "fp32", "of them the batch", *(["largest"] if ops else []))
    found: dict[str, dict[str, int]] = {}
    for name in only or ROWS:
        narrow, single = counted(ROWS[name], "bf16"), counted(ROWS[name], "fp32")
        found[name] = {"bf16": narrow.step, "fp32": single.step}
        largest = ", ".join(f"{op} {count}" for op, count in narrow.by_op.most_common(14))
        table.add_row(name, f"{narrow.step:,}", f"{single.step:,}", f"{narrow.batch:,}", *([largest] if ops else []))
    Console(width=160).print(table)
    if json_file:
        json_file.write_text(json.dumps(found))


if __name__ == "__main__":
    typer.run(main)
