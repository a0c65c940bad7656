"""`img2img upscale SOURCES… [--scale 2.5 | --width 3840 | …] [--model MODEL]`."""

from __future__ import annotations

import typer

from img2img.config.apply import UpscaleConfig
from img2img.config.shipped import SHIPPED

from .options import command_from
from .photos import convert_photos

app = typer.Typer(add_completion=False)

HELP = (
    "Enlarge photos: photo.jpg becomes photo.x4.jpg.\n\n"
    "Orientation is applied, transparency, depth, colour profile and metadata are kept (what the result's format "
    "has no place for is named), the source is never overwritten. Any size in bounded memory. A folder may be stopped "
    "at any time: the same call goes on.\n\n"
    "Models, as img2img weights list has them:\n\n"
    + "\n\n".join(f"{name}: {words.use}; {words.time}" for name, words in SHIPPED.items() if words.seconds)
)


def upscale(config: UpscaleConfig) -> None:
    """`img2img upscale`."""
    from img2img.apply.opening import open_conversion

    convert_photos(open_conversion(config), config.photos)


app.command(help=HELP)(command_from(UpscaleConfig, upscale))
