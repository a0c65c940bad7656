"""`img2img mask SOURCES… --box … --circle … --polygon … --pick … [--mask FILE] [--grow N] [--feather N]`."""

from __future__ import annotations

import typer

from img2img.config.apply import MaskConfig

from .inpaint import mask_file
from .options import command_from
from .photos import Beside, convert_photos

app = typer.Typer(add_completion=False)

HELP = (
    "Mark holes by shapes, and write the mask: photo.jpg becomes photo.mask.png, and photo.mask.preview.jpg shows the "
    "hole in colour.\n\n"
    "Shapes are in the photo as it is shown, upright. inpaint takes the same options, and needs no mask written; a "
    "soft edge (--feather) is for other programs."
)


def mask(config: MaskConfig) -> None:
    """`img2img mask`."""
    options = config.mask
    options.shapes()  # or there is nothing to draw
    with mask_file(options.mask, config.photos.sources) as file:
        from img2img.apply.inpaint.drawing import MaskDrawing, MaskPreview
        from img2img.apply.inpaint.masking import Masking

        masking = Masking.of(options)
        convert_photos(MaskDrawing(masking), config.photos, file, Beside(MaskPreview(masking), ".preview.jpg"))


app.command(help=HELP)(command_from(MaskConfig, mask))
