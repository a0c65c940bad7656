"""`img2img evaluate sr | inpaint | translate | gan | images`: results, or a model, against true pictures."""

from __future__ import annotations

import typer

from img2img.cli.options import command_from
from img2img.config.evaluate import (
    EvaluateGanConfig,
    EvaluateImagesConfig,
    EvaluateInpaintConfig,
    EvaluateSrConfig,
    EvaluateTranslateConfig,
)

from .gan import evaluate_gan
from .images import evaluate_images
from .inpaint import evaluate_inpaint
from .sr import evaluate_sr
from .translate import evaluate_translate

app = typer.Typer(no_args_is_help=True, add_completion=False)

app.command("sr", help="Super-resolution: PSNR and SSIM on luma and on RGB, and LPIPS, with their protocol.")(
    command_from(EvaluateSrConfig, evaluate_sr)
)
app.command("inpaint", help="Filled holes: PSNR, L1, SSIM and LPIPS in the hole and of all, by the hole's size.")(
    command_from(EvaluateInpaintConfig, evaluate_inpaint)
)
app.command("translate", help="Translations: FID and KID for each direction, distance to the pair, cycle error.")(
    command_from(EvaluateTranslateConfig, evaluate_translate)
)
app.command("gan", help="Samples of a generator as a set: as images, and how evenly they change from one to another.")(
    command_from(EvaluateGanConfig, evaluate_gan)
)
app.command("images", help="Two folders as sets: FID, KID, IS, precision and recall, PRD, SWD, diversity by LPIPS.")(
    command_from(EvaluateImagesConfig, evaluate_images)
)
