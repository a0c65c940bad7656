"""`img2img translate SOURCES… --model MODEL [--to DOMAIN] [--variants 5]`."""

from __future__ import annotations

from pathlib import Path

import typer

from img2img.config.apply import ALL, TranslateConfig, TranslateModel

from .options import command_from
from .photos import convert_photos_by_each
from .strip import write_strip

app = typer.Typer(add_completion=False)

VARIANTS = 5
"""Of a strip where no number is asked for."""

HELP = (
    "Convert photos from one domain to another with a trained model.\n\n"
    "Any size and aspect; orientation is applied, transparency, depth, colour profile and metadata are kept (what "
    "the result's format has no place for is named), the source is never overwritten. A folder may be stopped at any "
    "time: the same call goes on."
)


def translate(config: TranslateConfig) -> None:
    """`img2img translate`."""
    from img2img.apply.translating import open_translators
    from img2img.machine import choose_device

    model, computing = config.model, config.computing
    opened = open_translators(
        model.model,
        to=model.to,
        variants=_variants(model),
        style_of=Path(model.style_of) if model.style_of else None,
        seed=model.seed,
        noise=model.noise,
        device=choose_device(computing.device),
        precision=computing.precision,
        tile=computing.tile,
    )
    if model.strip:
        write_strip(opened, config.photos, Path(model.strip))
    else:
        convert_photos_by_each(opened, config.photos)


def _variants(model: TranslateModel) -> int | None:
    """How many variants are asked for; a strip without a number has some, unless it shows domains or a given style."""
    if model.variant_count or not model.strip or model.to == ALL or model.style_of:
        return model.variant_count
    return VARIANTS


app.command(help=HELP)(command_from(TranslateConfig, translate))
