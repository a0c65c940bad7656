"""`img2img data check | preview | masks`: look at training data before training on it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from img2img.config.base import Refusal
from img2img.config.data_commands import CheckConfig, MasksConfig, PreviewConfig, data_options
from img2img.config.sections.data import ImageData, ImagesData, PairedData, UnpairedData
from img2img.config.sections.masks import MaskOptions

from .options import command_from

if TYPE_CHECKING:
    from rich.console import Console

    from img2img.data.folders.find import Domains
    from img2img.data.loading.dataset import TrainingData
    from img2img.data.masks.drawn import Masks

app = typer.Typer(no_args_is_help=True, add_completion=False)


def _check(config: CheckConfig) -> None:
    options = data_options(config.model_dump(exclude_unset=True))
    masks = _masks(config.masks, options)
    _opened(options)
    if masks:
        _console().print(masks.check())


def _preview(config: PreviewConfig) -> None:
    from img2img.apply.sample.picture_files import picture_format, write_picture
    from img2img.data.augment import Augment
    from img2img.data.damage.degrade import Degrade
    from img2img.data.preview import degraded_sheet, masked_sheet, preview_sheet

    picture_format(config.preview.out)
    options = data_options(config.model_dump(exclude_unset=True))
    degraded = bool(config.degradation.model_fields_set)
    if degraded and not isinstance(options, ImagesData):
        raise Refusal("--degrade and the --photo options go with --images DIR")
    masks = _masks(config.masks, options)
    if degraded and masks:
        raise Refusal("a sheet shows either low resolutions or masks: leave out --degrade or --masks and the like")
    data = _opened(options)
    augment, wanted = Augment(options, data.paired), config.preview
    if degraded:
        degrade = Degrade(config.degradation, wanted.scale)
        sheet = degraded_sheet(data, augment, degrade, wanted.samples, wanted.seed)
    elif masks:
        sheet = masked_sheet(data, augment, masks, wanted.samples, wanted.seed)
    else:
        sheet = preview_sheet(data, augment, wanted.samples, wanted.seed)
    write_picture(sheet, wanted.out)
    print(wanted.out)


def _write_masks(config: MasksConfig) -> None:
    from img2img.data.masks.writer import OPTIONS, write_masks

    covered, files = write_masks(config, print), config.files
    print(
        f"{files.count} masks of {files.width} x {files.height} px, seed {files.seed}, {config.masks.hole} is the "
        f"hole: {config.masks.in_words()}; drawn {min(covered):.2%} to {max(covered):.2%}, on average "
        f"{sum(covered) / len(covered):.2%}. All options: {files.out / OPTIONS}",
        file=sys.stderr,
    )


def _masks(options: MaskOptions, data: ImageData) -> Masks | None:
    """The masks that are asked for, if any. Raises Refusal for data that they do not go with."""
    if not options.model_fields_set:
        return None
    if not isinstance(data, ImagesData):
        raise Refusal("--masks and the options of masks go with --images DIR")
    from img2img.data.masks.drawn import Masks

    return Masks(options, data.size)


def _console() -> Console:
    """The check's tables go to stdout, since here they are the result."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


def _opened(options: ImageData) -> TrainingData:
    """Finds, checks and opens."""
    from img2img.data.folders.find import find_domains, find_images, find_pairs
    from img2img.data.folders.summary import table
    from img2img.data.loading.dataset import open_data

    if isinstance(options, PairedData):
        found: Domains = find_pairs(options)
    elif isinstance(options, ImagesData):
        found = find_images(options)
    else:
        assert isinstance(options, UnpairedData)
        found = find_domains(options)
    return open_data(found, options, tell=lambda summary: _console().print(table(summary)))


app.command("check", help="Count, measure and open every picture; name what cannot be read or has no partner.")(
    command_from(CheckConfig, _check)
)
app.command("preview", help="Write a sheet of pictures as the networks will see them: augmented, degraded or masked.")(
    command_from(PreviewConfig, _preview)
)
app.command("masks", help="Write masks as picture files, drawn from a seed.")(command_from(MasksConfig, _write_masks))
