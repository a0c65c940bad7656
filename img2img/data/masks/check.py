"""The data check's part on masks: how much of a picture the holes cover, kind by kind, and which files are odd."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch
from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text
from torch import Tensor

from img2img.config.sections.masks import TOO_LITTLE, TOO_MUCH, HoleKind
from img2img.data.folders.check import first_of
from img2img.data.folders.errors import DataError
from img2img.images import ImageError

from .areas import shares
from .canvas import Canvas
from .folder import MaskFolder

MEASURED = 128
"""Masks that are drawn of each kind."""

Holes = Callable[[tuple[HoleKind, ...], Canvas], Tensor]
"""Kinds that make up one hole -> holes (N, H, W), booleans."""


@dataclass(frozen=True)
class Areas:
    """What shares of a picture the holes of one kind cover, in rising order."""

    name: str
    chance: float
    """Share of the pictures that get such a hole."""
    shares: tuple[float, ...]


@dataclass(frozen=True)
class MaskSummary:
    """The outcome of a check: areas by kind of hole, and what is worth saying."""

    size: int
    """Side of the squares that were drawn, px."""
    areas: tuple[Areas, ...]
    warnings: tuple[str, ...]


def check_masks(
    entries: Mapping[tuple[HoleKind, ...], float], holes: Holes, folder: MaskFolder | None, size: int
) -> MaskSummary:
    """Measures 128 drawn holes of each entry, and every file of the folder at its own size.

    entries: {kinds: weight}; size: of the holes to draw, px. The global random state is left as it was.
    Raises DataError, with a line for each file that cannot be read.
    """
    of_files, warnings = _files(folder) if folder else ((), ())
    areas, canvas = [], Canvas(MEASURED, size, size)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for kinds, weight in entries.items():
            found = of_files if kinds == ("folder",) else shares(holes(kinds, canvas)).tolist()
            areas.append(Areas("+".join(kinds), weight / sum(entries.values()), tuple(sorted(found))))
    return MaskSummary(size, tuple(areas), warnings)


def mask_table(summary: MaskSummary) -> Group:
    """The summary as a rich renderable: a row for each kind of hole, then the warnings, a line each."""
    grid = Table(box=SIMPLE_HEAD)
    for heading in ("holes", "of the pictures", "smallest", "median", "mean", "largest"):
        grid.add_column(heading, justify="left" if heading == "holes" else "right")
    for row in summary.areas:
        middle, mean = row.shares[len(row.shares) // 2], sum(row.shares) / len(row.shares)
        cells = [f"{share:.2%}" for share in (row.shares[0], middle, mean, row.shares[-1])]
        grid.add_row(row.name, f"{row.chance:.0%}", *cells)
    head = Text(f"share of the picture that is hole, {summary.size} px")
    return Group(head, grid, *(Text(f"warning: {line}", style="yellow") for line in summary.warnings))


def _files(folder: MaskFolder) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """The share of each file's hole, and a line for what is odd."""
    found: list[float] = []
    unreadable, little, much = [], [], []

    def share(index: int) -> float | ImageError:
        try:
            return float(folder.hole_of(index).mean())
        except ImageError as error:
            return error

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:  # decoders release the interpreter lock
        for file, outcome in zip(folder.files, pool.map(share, range(len(folder.files))), strict=True):
            if isinstance(outcome, ImageError):
                unreadable.append(str(outcome))
                continue
            found.append(outcome)
            if outcome < TOO_LITTLE:
                little.append(f"{file} {outcome:.4%}")
            if outcome > TOO_MUCH:
                much.append(f"{file} {outcome:.2%}")
    if unreadable:
        raise DataError("\n".join(unreadable))
    other = "black" if folder.hole == "white" else "white"
    lines = [
        (little, f"masks whose hole is under {TOO_LITTLE:.2%} of the picture"),
        (much, f"masks whose hole is over {TOO_MUCH:.0%} of the picture (is --hole {other} meant?)"),
    ]
    return tuple(found), tuple(f"{what}: {len(files)}: {first_of(files)}" for files, what in lines if files)
