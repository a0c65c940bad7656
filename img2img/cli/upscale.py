"""`img2img upscale SRC… [--scale 2|3|4] [--model MODEL]`."""

from __future__ import annotations

from typing import Annotated

import typer

from img2img.cli import photos

from .errors import refusals

app = typer.Typer(help="Enlarge photos.")


@app.command()
def upscale(
    sources: photos.Sources,
    out: photos.Out = None,
    scale: Annotated[
        int | None, typer.Option("--scale", min=1, max=8, help="How many times as large \\[default: the model's, 4].")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            help="A name of `img2img weights list`, a weights file, the folder of a run, or other people's weights "
            "(.pth, .safetensors) \\[default: by --scale].",
        ),
    ] = None,
    format: photos.Format = None,
    quality: photos.Quality = None,
    on_existing: photos.OnExisting = None,
    shard: photos.ShardText = None,
    as_json: photos.AsJson = False,
    tile: photos.Tile = "auto",
    max_pixels: photos.MaxPixels = photos.DEFAULT_MAX_PIXELS,
    device: photos.Device = "auto",
    precision: photos.Precision = "auto",
) -> None:
    """Enlarge photos: photo.jpg becomes photo.x4.jpg.

    Orientation is applied, transparency, depth, colour profile and metadata are kept (what the
    format of the result has no place for is named), the source is never overwritten.
    Any size in bounded memory. A folder may be stopped at any time: the same call goes on.
    """
    with refusals():
        from img2img.apply.models import open_upscaler
        from img2img.machine import choose_device

        opened = open_upscaler(
            model, scale, device=choose_device(device), precision=precision, tile=photos.tile_of(tile)
        )
        wishes = photos.Wishes(out, format, quality, on_existing, max_pixels, shard, as_json)
        photos.convert_photos(opened, sources, wishes)
