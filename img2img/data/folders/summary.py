"""What the data check found, as numbers, as a table to look at, and as a reason to stop."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from img2img.config.printable import printable
from img2img.images import ImageFacts

from .errors import DataError

Size = tuple[int, int]
"""Width and height, px."""


@dataclass(frozen=True)
class SideSummary:
    """One domain, training and validation pictures together where not said otherwise."""

    name: str
    train: int
    val: int
    channels: Literal[1, 3]
    """What the networks get, after --channels."""
    smallest: Size
    median: Size
    largest: Size
    """By area."""
    modes: dict[str, int]
    """How many pictures of each mode, as the file says: RGB, L, P, RGBA, I;16, ..."""
    deep: int
    """Pictures with 16 bits a channel; one is enough for the domain to be read in 16 bits."""
    alpha: int
    """Pictures with transparency."""
    small: int
    """Pictures smaller than the training size, which are enlarged."""


@dataclass(frozen=True)
class DataSummary:
    """The outcome of a check: the sides that could be read, what is worth saying, and what forbids training."""

    layout: str
    size: int | str
    """Training size, px: the side of squares, or width x height."""
    sides: dict[str, SideSummary]
    warnings: tuple[str, ...]
    errors: tuple[str, ...]
    facts: dict[Path, ImageFacts] = field(repr=False)
    """The header of every readable file."""


def raise_for_errors(summary: DataSummary) -> None:
    """Nothing, or DataError with one line for each thing that forbids training."""
    if summary.errors:
        raise DataError("\n".join(summary.errors))


def table(summary: DataSummary) -> Group:
    """The summary as a rich renderable: a column for each domain, then warnings, a line each. What forbids training is
    said once, by `raise_for_errors`."""
    grid = Table(box=SIMPLE_HEAD)
    grid.add_column("")
    for side in summary.sides.values():
        grid.add_column(Text(printable(side.name)), justify="right")
    for label, cells in _rows(summary):
        grid.add_row(label, *cells)
    lines = [Text(printable(f"warning: {line}"), style="yellow") for line in summary.warnings]
    return Group(Text(printable(summary.layout)), *([grid] if summary.sides else []), *lines)


def _rows(summary: DataSummary) -> list[tuple[str, list[str]]]:
    sides = summary.sides.values()
    rows = [
        ("to train on", [f"{side.train:,}" for side in sides]),
        ("for validation", [f"{side.val:,}" if side.val else "none" for side in sides]),
        ("smallest, px", [_size(side.smallest) for side in sides]),
        ("median, px", [_size(side.median) for side in sides]),
        ("largest, px", [_size(side.largest) for side in sides]),
        (f"smaller than {summary.size} px", [f"{side.small:,}" for side in sides]),
        ("modes", [_counts(side.modes) for side in sides]),
        ("16 bit", [f"{side.deep:,}" for side in sides]),
        ("with transparency", [f"{side.alpha:,}" for side in sides]),
        ("trained as", [_format(side) for side in sides]),
    ]
    dull = {"16 bit", "with transparency", f"smaller than {summary.size} px"}
    return [(label, cells) for label, cells in rows if label not in dull or set(cells) != {"0"}]


def _size(size: Size) -> str:
    return f"{size[0]}x{size[1]}"


def _counts(modes: dict[str, int]) -> str:
    return ", ".join(f"{mode} {count:,}" for mode, count in sorted(modes.items(), key=lambda item: -item[1]))


def _format(side: SideSummary) -> str:
    return ("grey" if side.channels == 1 else "RGB") + (", 16 bit" if side.deep else "")
