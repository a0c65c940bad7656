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
    from img2img.apply.engine.sizing import Sizing
    from img2img.apply.upscaling import open_upscaling
    from img2img.machine import choose_device
    from img2img.weights.blend import Mixture

    model, computing = config.model, config.computing
    opened = open_upscaling(
        model.model,
        Sizing.parse(model.scale, model.width, model.height, model.fit),
        device=choose_device(computing.device),
        precision=computing.precision,
        tile=computing.tile,
        mixture=Mixture(model.blend, model.strength),
    )
    convert_photos(opened, config.photos)


app.command(help=HELP)(command_from(UpscaleConfig, upscale))
