"""`img2img data check | preview`: look at training data before training on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from img2img.config.base import Refusal
from img2img.config.data import ImageData, ImagesData, PairedData, UnpairedData
from img2img.config.inspect import CheckConfig, PreviewConfig, data_options
from img2img.config.toml import Overrides, read_toml, resolve

from .errors import refusals
from .options import command_from

if TYPE_CHECKING:
    from img2img.data.dataset import TrainingData
    from img2img.data.folders import Domains

app = typer.Typer(no_args_is_help=True, help="Look at training data: check it, preview its augmentation.")


def _check(overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
    with refusals():
        layers = [read_toml(config_file, CheckConfig)] if config_file else []
        _opened(data_options(resolve(CheckConfig, *layers, overrides).model_dump(exclude_unset=True)))


def _preview(overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
    with refusals():
        from img2img.data.augment import Augment
        from img2img.data.degrade import Degrade
        from img2img.data.preview import degraded_sheet, preview_sheet
        from img2img.training.sheets import save_sheet

        layers = [read_toml(config_file, PreviewConfig)] if config_file else []
        config = resolve(PreviewConfig, *layers, overrides)
        options = data_options(config.model_dump(exclude_unset=True))
        degraded = bool(config.degradation.model_fields_set)
        if degraded and not isinstance(options, ImagesData):
            raise Refusal("--degrade and the --photo options go with --images DIR")
        data = _opened(options)
        augment, wanted = Augment(options, data.paired), config.preview
        if degraded:
            degrade = Degrade(config.degradation, wanted.scale)
            sheet = degraded_sheet(data, augment, degrade, wanted.samples, wanted.seed)
        else:
            sheet = preview_sheet(data, augment, wanted.samples, wanted.seed)
        save_sheet(sheet, wanted.out)
        print(wanted.out)


def _opened(options: ImageData) -> TrainingData:
    """Finds, checks and opens; the check's table goes to stdout, since here it is the result."""
    from rich.console import Console

    from img2img.data.dataset import open_data
    from img2img.data.folders import find_domains, find_images, find_pairs
    from img2img.data.summary import table

    if isinstance(options, PairedData):
        found: Domains = find_pairs(options)
    elif isinstance(options, ImagesData):
        found = find_images(options)
    else:
        assert isinstance(options, UnpairedData)
        found = find_domains(options)
    console = Console(highlight=False, soft_wrap=True)
    return open_data(found, options, tell=lambda summary: console.print(table(summary)))


app.command("check", help="Count, measure and open every picture; name what cannot be read or has no partner.")(
    command_from(CheckConfig, _check)
)
app.command("preview", help="Write a sheet of pictures as the networks will see them, augmented or degraded.")(
    command_from(PreviewConfig, _preview)
)
