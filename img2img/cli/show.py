"""`img2img show BEFORE AFTER [-o PAGE]`."""

from __future__ import annotations

from pathlib import Path

import typer

from img2img.config.apply import ShowConfig

from .options import command_from

app = typer.Typer(add_completion=False)

HELP = (
    "Put two pictures, before and after, on one page with a slider: whole, and where they differ most at full size. "
    "The page is one file that needs no server and no network."
)


def show(config: ShowConfig) -> None:
    """`img2img show`."""
    from img2img.apply.compare.page import Shown, require_own, write_page
    from img2img.apply.compare.pictures import compared

    pictures = config.pictures
    before, after = Path(pictures.before), Path(pictures.after)
    page = Path(pictures.out) if pictures.out else after.with_name(f"{after.stem}.compare.html")
    require_own(page)
    compared(after.name, before, after, pictures.max_pixels)  # what cannot be shown is an error here
    title = f"{before.name} → {after.name}"
    write_page(page, title, [Shown(after.name, before, after, "")], pictures.max_pixels)
    print(page)


app.command(help=HELP)(command_from(ShowConfig, show))
