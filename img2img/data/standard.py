"""Standard sets with classes, through torchvision: read from files on this machine, or fetched where there are none."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

from img2img.config.gan import GanData
from img2img.config.gan_settings import StandardName
from img2img.images.atomic import write_atomically
from img2img.images.samples import with_channels

from .classes import REAL
from .dataset import TrainingData
from .folders import DataError
from .in_memory import InMemory, summarised
from .summary import DataSummary

FOLDERS: dict[StandardName, str] = {
    "mnist": "MNIST/raw",
    "fashion-mnist": "FashionMNIST/raw",
    "cifar10": "cifar-10-batches-py",
}
"""Where torchvision looks for a set's files, within --root."""


def open_standard(options: GanData, *, tell: Callable[[DataSummary], None]) -> TrainingData:
    """The set that --dataset names, in --root; its test half is for validation.

    Raises DataError where it is not there and cannot be fetched.
    """
    (train, classes), (test, _) = _half(options, train=True), _half(options, train=False)
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
        classes=classes,
    )


def _half(options: GanData, train: bool) -> tuple[InMemory, list[str]]:
    """The training or the test half, and the names of the classes."""
    assert options.dataset is not None
    half = _read(options.dataset, options.root, train)
    pixels = np.asarray(half.data)
    pixels = pixels[..., None] if pixels.ndim == 3 else pixels  # MNIST has no axis for its one channel
    if options.channels != "auto":
        pixels = np.stack([with_channels(picture, 1 if options.channels == "1" else 3) for picture in pixels])
    planes = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
    classes = [str(label).lower() for label in half.classes]
    return InMemory(REAL, planes, np.asarray(half.targets, np.int64)), classes


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
