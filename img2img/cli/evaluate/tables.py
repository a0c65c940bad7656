"""How figures are told: a table or JSON on stdout, never without their protocol."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from img2img.config import printable as texts
from img2img.config.base import Refusal
from img2img.config.evaluate import Measures, PictureMeasures

if TYPE_CHECKING:
    import torch
    from rich.table import Table as RichTable

    from img2img.metrics import LPIPS
    from img2img.metrics.hole_figures import HoleProtocol
    from img2img.metrics.lpips import Backbone
    from img2img.metrics.picture_figures import Figures, Protocol
    from img2img.metrics.sets.figures import FeatureProtocol

Headings = Mapping[str, tuple[str, int]]
"""Figure -> heading and decimals."""


def lpips_networks(measures: Measures, device: torch.device) -> dict[Backbone, LPIPS]:
    """The perceptual distances asked for; with auto, those that can be had, and on stderr why the usual one cannot."""
    from img2img.metrics import load_lpips

    chosen: dict[str, tuple[Backbone, ...]] = {"alex": ("alex",), "vgg": ("vgg",), "none": ()}
    names = chosen.get(measures.lpips, ("alex", "vgg"))
    found: dict[Backbone, LPIPS] = {}
    for name in names:
        try:
            found[name] = load_lpips(name, measures.lpips_weights).to(device)
        except Refusal as reason:
            if measures.lpips != "auto":
                raise
            if name == "alex":
                note(str(reason))
    return found


def print_figures(
    rows: Mapping[str, Figures],
    parts: Mapping[str, Sequence[Figures]],
    protocol: Protocol | HoleProtocol,
    measures: PictureMeasures,
    headings: Headings,
    as_a_set: Figures | None = None,
    left_out: Sequence[str] = (),
) -> None:
    """The result. rows: by picture. parts: of these, whose means are told; the one called mean is all of them.

    as_a_set: what was measured of all pictures at once. left_out: as `left_out_of` found it.
    """
    from rich.console import Console

    from img2img.metrics.picture_figures import means

    if not rows:
        return
    shown = rows if measures.per_image else {}
    mean = {name: means(part) for name, part in parts.items()}
    if measures.as_json:
        facts: dict[str, object] = {"pictures": len(rows)}
        for name, figures in mean.items():
            facts[name] = finite(figures) if name == "mean" else {"pictures": len(parts[name]), **finite(figures)}
        if as_a_set:
            facts["as_a_set"] = finite(as_a_set)
        if left_out:
            facts["left_out"] = list(left_out)
        facts["protocol"] = {**asdict(protocol), "in_words": str(protocol)}
        if shown:
            facts["images"] = {name: finite(figures) for name, figures in shown.items()}
        print(texts.as_json(facts))
        return
    labelled = {f"{'' if name == 'mean' else f'{name}, '}mean of {len(parts[name])}": mean[name] for name in parts}
    console = Console(highlight=False, soft_wrap=True, markup=False)
    console.print(_table({**shown, **labelled}, list(mean["mean"]), headings))
    if as_a_set:
        told = (f"{headings[figure][0]} {cell(headings, figure, value)}" for figure, value in as_a_set.items())
        console.print(f"all as a set: {', '.join(told)}")
    console.print(str(protocol))


def _table(lines: Mapping[str, Figures], figures: Sequence[str], headings: Headings) -> RichTable:
    """A line for each name, a column for each figure."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    table.add_column("", no_wrap=True)
    columns = [list(lines)]
    for figure in figures:
        columns.append([cell(headings, figure, values[figure]) for values in lines.values()])
        table.add_column(headings[figure][0], justify="right", min_width=max(map(len, columns[-1])))
    for row in zip(*columns, strict=True):
        table.add_row(*row)
    return table


def cell(headings: Headings, figure: str, value: float) -> str:
    """A figure with as many decimals as it is worth."""
    return f"{value:.{headings[figure][1]}f}"


def finite(figures: Figures) -> dict[str, float | str | None]:
    """JSON has no infinity: the PSNR of equal pictures is "Infinity", which Python's float() and JavaScript's Number()
    read; null is what could not be measured."""
    return {name: _in_json(value) for name, value in figures.items()}


def _in_json(value: float) -> float | str | None:
    if math.isfinite(value):
        return value
    return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def left_out_of(*folders: Path | None) -> list[str]:
    """What folders hold that is no picture that is read, in lines, which stderr hears. Raises ImageError."""
    from img2img.images.listing import look_into

    named = [folder for folder in dict.fromkeys(folders) if folder and folder.is_dir()]
    lines = [line for folder in named for line in look_into(folder).in_lines()]
    for line in lines:
        note(line)
    return lines


def note(line: str) -> None:
    """What a user should know, on stderr."""
    print(f"note: {texts.printable(line)}", file=sys.stderr)


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


def print_columns(
    comparisons: Sequence[Comparison], headings: Headings, as_json: bool, left_out: Sequence[str] = ()
) -> None:
    """The result: every figure that has a heading, and without exception the protocols."""
    if as_json:
        told = [comparison.to_json() for comparison in comparisons]
        print(texts.as_json({"comparisons": told} | ({"left_out": list(left_out)} if left_out else {})))
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
