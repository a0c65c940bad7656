"""Figures of whole sets: a line for each figure, a column for each comparison, and their protocols."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from .figures import Headings, cell, finite

if TYPE_CHECKING:
    from img2img.metrics.set_figures import FeatureProtocol, Figures


@dataclass(frozen=True)
class Comparison:
    """One set against another. more: what JSON alone has room for, by name."""

    name: str
    figures: Figures
    protocol: FeatureProtocol
    more: Mapping[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """As it is told by --json."""
        protocol = {**asdict(self.protocol), "in_words": str(self.protocol)}
        return {"name": self.name, "figures": finite(self.figures), **self.more, "protocol": protocol}


def print_columns(comparisons: Sequence[Comparison], headings: Headings, as_json: bool) -> None:
    """The result: every figure that has a heading, and without exception the protocols."""
    if as_json:
        told = [comparison.to_json() for comparison in comparisons]
        print(json.dumps({"comparisons": told}, ensure_ascii=False))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    table.add_column("", no_wrap=True)
    for comparison in comparisons:
        table.add_column(comparison.name, justify="right")
    for figure, (heading, _) in headings.items():
        values = [one.figures.get(figure) for one in comparisons]
        if any(value is not None for value in values):
            table.add_row(heading, *("" if value is None else cell(headings, figure, value) for value in values))
    console = Console(highlight=False, soft_wrap=True, markup=False)
    console.print(table)
    for comparison in comparisons:
        console.print(f"{comparison.name}: {comparison.protocol}")
