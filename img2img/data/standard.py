"""Standard sets with classes, through torchvision: read from files on this machine, or fetched where there are none."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from img2img.config.train.gan import GanData
from img2img.config.train.gan_settings import StandardName
from img2img.data.folders.classes import REAL
from img2img.data.folders.errors import DataError
from img2img.data.folders.summary import DataSummary
from img2img.data.loading.dataset import TrainingData
from img2img.data.loading.in_memory import InMemory, summarised
from img2img.images.atomic import write_atomically
from img2img.images.samples import with_channels

FOLDERS: dict[StandardName, str] = {
    "mnist": "MNIST/raw",
    "fashion-mnist": "FashionMNIST/raw",
    "cifar10": "cifar-10-batches-py",
}
"""Where torchvision looks for a set's files, within --root."""


@dataclass(frozen=True, eq=False)
class Half:
    """A standard set's training or test half. pictures: (N, C, H, W) uint8. labels: (N,) int64, places in `classes`."""

    pictures: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]

    def table(self, channels: Literal["auto", "1", "3"]) -> InMemory:
        """The same as rows, grey or coloured as `channels` has it."""
        pictures = self.pictures
        if channels != "auto":
            rows = (with_channels(row.transpose(1, 2, 0), 1 if channels == "1" else 3) for row in pictures)
            pictures = np.stack([row.transpose(2, 0, 1) for row in rows])
        return InMemory(REAL, np.ascontiguousarray(pictures), self.labels)


def open_standard(options: GanData, *, tell: Callable[[DataSummary], None]) -> TrainingData:
    """The set that --dataset names, in --root; its test half is for validation.

    Raises DataError where it is not there and cannot be fetched.
    """
    assert options.dataset is not None
    halves = [read_half(options.dataset, options.root, train=train) for train in (True, False)]
    train, test = (half.table(options.channels) for half in halves)
    classes = halves[0].classes
    side = summarised(str(options.dataset), train, test, options.size)
    layout = f"{options.dataset} in {options.root}, {len(classes)} classes"
    summary = DataSummary(layout, options.size, {REAL: side}, (), (), {})
    tell(summary)
    return TrainingData(
        [train.resized(options.loaded_side, options.fit)],
        [test.resized(options.size, options.fit)],
        options,
        summary,
        {REAL: str(options.dataset)},
        classes=list(classes),
    )


def read_half(name: StandardName, root: Path, *, train: bool) -> Half:
    """The training or the test half as it is stored in `root`, or fetched.

    Raises DataError where it is not there and cannot be fetched.
    """
    half = _read(name, root, train)
    pixels = np.asarray(half.data)
    pixels = pixels[..., None] if pixels.ndim == 3 else pixels  # MNIST has no axis for its one channel
    planes = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
    return Half(planes, np.asarray(half.targets, np.int64), tuple(str(label).lower() for label in half.classes))


def _read(name: StandardName, root: Path, train: bool) -> Any:
    """The half as torchvision has it, fetched into `root` where it is not there."""
    from torchvision.datasets import CIFAR10, MNIST, FashionMNIST  # two seconds, and only here

    kind: Any = {"mnist": MNIST, "fashion-mnist": FashionMNIST, "cifar10": CIFAR10}[name]
    try:
        _unpack(root / FOLDERS[name])
        with redirect_stdout(sys.stderr):  # where torchvision tells of its downloads
            return kind(root, train=train, download=True)
    except (OSError, RuntimeError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            f"--dataset {name}: its files are not in {root / FOLDERS[name]}, and cannot be fetched: {reason}"
        ) from None


def _unpack(folder: Path) -> None:
    """Unpacks what lies there packed, by whatever version of gzip: torchvision takes only the one it knows."""
    for packed in folder.glob("*.gz"):
        if not packed.with_suffix("").exists():
            with gzip.open(packed) as source, write_atomically(packed.with_suffix("")) as draft:
                draft.write_bytes(source.read())
