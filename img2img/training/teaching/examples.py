"""Examples: pictures with what a teacher made of them, made once and kept in files."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from img2img.config.base import Config, Refusal
from img2img.data.augment import MASK, Augment
from img2img.data.loading.dataset import TrainingData
from img2img.disk.regular import open_regular
from img2img.images.atomic import sha256, write_atomically
from img2img.recipes.shared.two_phases import TAUGHT
from img2img.training.step.schedule import seed_noise

from .teachers import Teach

DRAW = 1 << 22
"""Sets the noise of examples apart from that of steps."""
UNREAD = frozenset({"workers", "cache", "windows", "images"})
"""Data options that change no example; the folder is told by its files."""


@dataclass(frozen=True)
class Examples:
    """`count` examples in a folder: example i is a function of the folder's name, which is a hash, and of i."""

    folder: Path
    count: int

    def path(self, number: int) -> Path:
        """The file of one example."""
        return self.folder / f"{number:06d}.npz"

    def missing(self) -> list[int]:
        """Those that are still to be made."""
        return [number for number in range(self.count) if not self.path(number).is_file()]

    def read(self, number: int) -> dict[str, np.ndarray]:
        """{side: (C, H, W) uint8} of one example, TAUGHT among the sides; a mask has 0 and 1.

        Raises Refusal for a file that `write` has not left like this.
        """
        path = self.path(number)
        try:
            with open_regular(path) as opened, np.load(opened) as file:
                found = {side: file[side] for side in file.files}
            if TAUGHT not in found or any(x.dtype != np.uint8 or x.ndim != 3 for x in found.values()):
                raise ValueError("other content")
        # Of damage, zip and numpy's header raise whatever they like.
        except Exception as error:
            reason = " ".join(str(error).split())[:100]
            raise Refusal(f"{path}: no example of a teacher ({reason}); removed, it is made anew") from None
        return found

    def write(self, number: int, sides: Mapping[str, Tensor]) -> None:
        """Keeps one example, (1, C, H, W) of each side, as 8 bits; not compressed, since every step reads some."""
        buffer = io.BytesIO()
        np.savez(buffer, **{side: _levels(side, values[0]) for side, values in sides.items()})  # type: ignore[arg-type]
        self.folder.mkdir(parents=True, exist_ok=True)
        with write_atomically(self.path(number)) as draft:
            draft.write_bytes(buffer.getvalue())


def named(parent: Path, teacher: Path, config: Config, data: TrainingData, facts: Mapping[str, Any]) -> Path:
    """The folder of the examples that this teacher makes of this data with these options.

    Its name is a hash of the teacher's bytes, the names and sizes of the files, the options that an example depends on,
    and of `facts`.
    """
    options = config.model_dump(mode="json", include={"data", "degradation", "masks"})
    options["data"] = {name: value for name, value in options["data"].items() if name not in UNREAD}
    files = sorted((path.name, found.width, found.height) for path, found in data.summary.facts.items())
    told = json.dumps([sha256(teacher), files, options, dict(facts)], sort_keys=True)
    return parent / f"{teacher.stem}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def make(
    examples: Examples,
    numbers: list[int],
    data: TrainingData,
    augment: Augment,
    derive: nn.Module,
    teach: Teach,
    seed: int,
    tell: Callable[[str], None],
) -> None:
    """Makes these examples, those that are there already left out: what is cut off goes on where it stopped.

    Picture and crop of example i are those of batch i of (seed, rank 0), its noise is seeded by (seed, i).
    """
    started = told = time.monotonic()
    for done, number in enumerate(numbers, start=1):
        source = data.batches(seed, number, 1)
        raw = next(source)
        source.close()
        seed_noise(seed, 0, number, DRAW)
        with torch.no_grad():
            sides = derive(augment(raw))
            examples.write(number, {**sides, TAUGHT: teach(sides)})
        if done == len(numbers) or time.monotonic() - told > 30:
            told = time.monotonic()
            each = (told - started) / done
            tell(
                f"teacher: {done} of {len(numbers)} pictures, {each:.1f} s each, {_left(each * (len(numbers) - done))}"
            )


def _left(seconds: float) -> str:
    return f"{seconds / 60:.0f} min left" if seconds else "done"


def _levels(side: str, values: Tensor) -> np.ndarray:
    """[-1, 1] -> 0 ... 255; masks as they are."""
    levels = values if side == MASK else (values + 1) * 127.5
    found: np.ndarray = levels.round().clamp(0, 255).byte().numpy()
    return found
