"""`img2img inpaint SRC… --mask FILE|DIR|-|alpha [--model MODEL | --method METHOD]`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from img2img.cli import photos

from .errors import fail, refusals

app = typer.Typer(help="Fill holes in photos.")


@app.command()
def inpaint(
    sources: photos.Sources,
    mask: Annotated[
        str,
        typer.Option(
            "--mask",
            help="What is to be filled: a picture for all photos, a folder with one for each (same relative name, any "
            "format), - for stdin, or alpha: what is transparent, and the result is opaque.",
        ),
    ],
    out: photos.Out = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            help="A name of `img2img weights list`, a weights file, or the folder of a run \\[default: photo-inpaint].",
        ),
    ] = None,
    method: Annotated[
        Literal["network", "telea", "navier-stokes"],
        typer.Option("--method", help="What fills; the last two need no weights."),
    ] = "network",
    hole: Annotated[
        Literal["white", "black"], typer.Option("--hole", help="What the hole is in the mask; opaque counts as white.")
    ] = "white",
    mask_channel: Annotated[
        Literal["auto", "luma", "alpha"],
        typer.Option("--mask-channel", help="What of the mask counts; auto: alpha where it alone says something."),
    ] = "auto",
    threshold: Annotated[
        float, typer.Option("--threshold", help="From which value, 0 to 1, a mask is white, or a photo opaque.")
    ] = 0.5,
    format: photos.Format = None,
    quality: photos.Quality = None,
    on_existing: photos.OnExisting = None,
    shard: photos.ShardText = None,
    as_json: photos.AsJson = False,
    tile: Annotated[
        str,
        typer.Option(
            "--tile",
            help="Side of the squares that the network sees, px; auto: what it was trained on; off: photos whole.",
        ),
    ] = "auto",
    max_pixels: photos.MaxPixels = photos.DEFAULT_MAX_PIXELS,
    device: photos.Device = "auto",
    precision: photos.Precision = "auto",
) -> None:
    """Fill what a mask marks: photo.jpg becomes photo.inpainted.jpg.

    Around the hole every pixel stays as it is, to the last bit in PNG and TIFF; a lossy format is encoded again. A hole
    may have any size, and lie at the border. Orientation is applied (a mask belongs to the upright photo), depth,
    colour profile, transparency and metadata are kept (what the
    format of the result has no place for is named), the source is never overwritten. A folder may be stopped at any
    time: the same call goes on.
    """
    with refusals(), _file_of(mask, sources) as file:
        from img2img.apply.inpaint.masking import Masking
        from img2img.apply.models import open_inpainter
        from img2img.machine import choose_device

        opened = open_inpainter(
            model,
            Masking(hole, mask_channel, threshold),
            method=method,
            device=choose_device(device),
            precision=precision,
            tile=photos.tile_of(tile),
        )
        wishes = photos.Wishes(out, format, quality, on_existing, max_pixels, shard, as_json, file)
        photos.convert_photos(opened, sources, wishes)


@contextmanager
def _file_of(mask: str, sources: list[str]) -> Iterator[Path | None]:
    """The mask's file or folder; None for the photos' own transparency. Stdin lies in a file meanwhile."""
    if mask == "alpha":
        yield None
    elif mask != "-":
        path = Path(mask)
        if "-" in sources and path.is_dir():
            fail(f"--mask {mask}: a folder, and a photo from stdin has no name; name the mask")
        yield path
    elif "-" in sources:
        fail("--mask - and - as a photo: stdin holds one of them")
    else:
        with tempfile.NamedTemporaryFile(prefix="img2img-mask-") as spooled:
            shutil.copyfileobj(sys.stdin.buffer, spooled)
            spooled.flush()
            yield Path(spooled.name)
