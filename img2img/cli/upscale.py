"""`img2img upscale SOURCES… [--scale 2|3|4] [--model MODEL]`."""

from __future__ import annotations

import typer

from img2img.config.apply import UpscaleConfig

from .options import command_from
from .photos import convert_photos

app = typer.Typer(add_completion=False)

HELP = (
    "Enlarge photos: photo.jpg becomes photo.x4.jpg.\n\n"
    "Orientation is applied, transparency, depth, colour profile and metadata are kept (what the result's format "
    "has no place for is named), the source is never "
    "overwritten. Any size in bounded memory. A folder may be stopped at any time: the same call goes on."
)


def upscale(config: UpscaleConfig) -> None:
    """`img2img upscale`."""
    from img2img.apply.models import open_upscaler
    from img2img.machine import choose_device

    model, computing = config.model, config.computing
    opened = open_upscaler(
        model.model,
        model.scale,
        device=choose_device(computing.device),
        precision=computing.precision,
        tile=computing.tile,
    )
    convert_photos(opened, config.photos)


app.command(help=HELP)(command_from(UpscaleConfig, upscale))
