"""`img2img compare RUNS… [-o PAGE]`."""

from __future__ import annotations

from pathlib import Path

import typer

from img2img.config.base import Refusal
from img2img.config.compare import CompareConfig

from .options import command_from

app = typer.Typer(add_completion=False)

HELP = (
    "Write one page that sets runs beside each other: their curves over each other, their sample sheets side by side, "
    "the options in which they differ.\n\n"
    "The page is one file, and needs no server and no network. A damaged log is read as far as it can be, which the "
    "page says."
)


def compare(config: CompareConfig) -> None:
    """`img2img compare`."""
    options = config.runs
    if not options.runs:
        raise Refusal("compare: name the folders of runs, such as runs/*")
    from img2img.training.report.comparison import write_comparison

    page, left_out = write_comparison([Path(name) for name in options.runs], options.out, options.sheets)
    for line in left_out:
        typer.echo(line, err=True)
    print(page)


app.command(help=HELP)(command_from(CompareConfig, compare))
