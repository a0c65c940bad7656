"""`img2img inpaint SOURCES… --mask FILE|DIR|-|alpha | --box … [--model MODEL | --method METHOD]`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from img2img.config.apply import InpaintConfig
from img2img.config.base import Refusal

from .options import command_from
from .photos import convert_photos
from .streams import stdin_bytes

app = typer.Typer(add_completion=False)

_MOST = 1 << 31
"""Of a mask from stdin, bytes."""

HELP = (
    "Fill what a mask marks: photo.jpg becomes photo.inpainted.jpg.\n\n"
    "The hole is what --mask marks, or shapes: --box 120,80,60,40 --circle 50%,50%,10% --pick 320,240; for a date "
    "stamp in every photo of a folder --box right-bottom,2%,2%,30%,5%. "
    "Around the hole every pixel stays as it is, to the last bit in PNG and TIFF; a lossy format is encoded again. A "
    "hole may have any size, and lie at the border. Orientation is applied (a mask belongs to the upright photo), "
    "depth, colour profile, transparency and metadata are kept (what the result's format has no "
    "place for is named), the source is never overwritten. A folder may be "
    "stopped at any time: the same call goes on."
)


def inpaint(config: InpaintConfig) -> None:
    """`img2img inpaint`."""
    mask, model, computing = config.mask, config.model, config.computing
    mask.shapes()  # or there is nothing to fill
    with mask_file(mask.mask, config.photos.sources) as file:
        from img2img.apply.inpaint.masking import Masking
        from img2img.apply.models import open_inpainter
        from img2img.machine import choose_device

        opened = open_inpainter(
            model.model,
            Masking.of(mask),
            method=model.method,
            device=choose_device(computing.device),
            precision=computing.precision,
            tile=computing.tile,
        )
        convert_photos(opened, config.photos, file)


@contextmanager
def mask_file(mask: str | None, sources: Sequence[str]) -> Iterator[Path | None]:
    """The mask's file or folder; None for the photos' own transparency and for shapes alone. Stdin lies in a file
    meanwhile."""
    if mask is None or mask == "alpha":
        yield None
    elif mask != "-":
        path = Path(mask)
        if "-" in sources and path.is_dir():
            raise Refusal(f"--mask {mask}: a folder, and a photo from stdin has no name; name the mask")
        yield path
    elif "-" in sources:
        raise Refusal("--mask - and - as a photo: stdin holds one of them")
    else:
        with tempfile.NamedTemporaryFile(prefix="img2img-mask-") as spooled:
            spooled.write(_only_picture(stdin_bytes(_MOST)))
            spooled.flush()
            yield Path(spooled.name)


def _only_picture(stream: bytes) -> bytes:
    """The stream. Raises Refusal where it holds several pictures: all but the first would vanish."""
    from img2img.images.in_a_row import pictures_in

    if (count := len(pictures_in(stream))) > 1:
        raise Refusal(
            f"--mask -: the stream holds {count} pictures, and one is the mask; name a folder with one for each"
        )
    return stream


app.command(help=HELP)(command_from(InpaintConfig, inpaint))
