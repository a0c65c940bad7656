"""`img2img translate SOURCES… --model MODEL [--to DOMAIN] [--variants 5]`."""

from __future__ import annotations

from pathlib import Path

import typer

from img2img.config.apply import TranslateConfig

from .options import command_from
from .photos import convert_photos_by_each
from .strip import write_strip

app = typer.Typer(add_completion=False)

HELP = (
    "Convert photos from one domain to another with a trained model.\n\n"
    "Any size and aspect; orientation is applied, transparency, depth, colour profile and metadata are kept (what "
    "the result's format has no place for is named), the source is never overwritten. A folder may be stopped at any "
    "time: the same call goes on."
)


def translate(config: TranslateConfig) -> None:
    """`img2img translate`."""
    from img2img.apply.opening import open_translations

    opened = open_translations(config)
    if config.model.strip:
        write_strip(opened, config.photos, Path(config.model.strip))
    else:
        convert_photos_by_each(opened, config.photos)


app.command(help=HELP)(command_from(TranslateConfig, translate))
