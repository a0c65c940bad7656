"""`img2img translate SRC… --model MODEL [--to DOMAIN]`."""

from __future__ import annotations

from typing import Annotated

import typer

from img2img.cli import photos

from .errors import refusals

app = typer.Typer(help="Convert photos from one domain to another with a trained model.")


@app.command()
def translate(
    sources: photos.Sources,
    model: Annotated[str, typer.Option("--model", help="A weights file, or the folder of a run.")],
    out: photos.Out = None,
    to: Annotated[str | None, typer.Option("--to", help="The domain to translate to, by the model's names.")] = None,
    noise: Annotated[bool, typer.Option("--noise", help="Keep dropout on, pix2pix's source of variety.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Seed of --noise.")] = 0,
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
    """Convert photos from one domain to another with a trained model.

    Any size and aspect; orientation is applied, transparency, depth, colour profile and metadata are kept (what the
    format of the result has no place for is named), the source
    is never overwritten. A folder may be stopped at any time: the same call goes on.
    """
    with refusals():
        from img2img.apply.models import open_model
        from img2img.machine import choose_device

        opened = open_model(
            model,
            "translate",
            to=to,
            device=choose_device(device),
            noise=seed if noise else None,
            precision=precision,
            tile=photos.tile_of(tile),
        )
        wishes = photos.Wishes(out, format, quality, on_existing, max_pixels, shard, as_json)
        photos.convert_photos(opened, sources, wishes)
