"""From a command's options to what converts photos: for the commands, and for the studio."""

from __future__ import annotations

from pathlib import Path

from img2img.apply.engine.model import Model
from img2img.apply.engine.sizing import Sizing
from img2img.apply.inpaint.inpainting import Inpainting
from img2img.apply.inpaint.masking import Masking
from img2img.apply.upscaling import open_upscaling
from img2img.config.apply import ALL, InpaintConfig, TranslateConfig, TranslateModel, UpscaleConfig
from img2img.config.base import Refusal
from img2img.machine import choose_device
from img2img.weights.blend import Mixture

from .conversion import Conversion
from .models import open_inpainter
from .translating import open_translators

VARIANTS = 5
"""Of a strip where no number is asked for."""

ApplyConfig = UpscaleConfig | InpaintConfig | TranslateConfig
"""Of the commands that turn photos into photos with a model."""


def open_conversion(config: ApplyConfig) -> Conversion:
    """What the command of these options converts with. Raises Refusal, WeightsError in one line."""
    if isinstance(config, UpscaleConfig):
        return _upscaling(config)
    if isinstance(config, InpaintConfig):
        return _inpainting(config)
    return _translation(config)


def _upscaling(config: UpscaleConfig) -> Conversion:
    model, computing = config.model, config.computing
    return open_upscaling(
        model.model,
        Sizing.parse(model.scale, model.width, model.height, model.fit),
        device=choose_device(computing.device),
        precision=computing.precision,
        tile=computing.tile,
        mixture=Mixture(model.blend, model.strength),
    )


def _inpainting(config: InpaintConfig) -> Inpainting:
    model, computing = config.model, config.computing
    return open_inpainter(
        model.model,
        Masking.of(config.mask),
        method=model.method,
        device=choose_device(computing.device),
        precision=computing.precision,
        tile=computing.tile,
    )


def open_translations(config: TranslateConfig) -> list[Model]:
    """As `open_conversion`, one for each result of a photo: domains, variants."""
    model, computing = config.model, config.computing
    return open_translators(
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


def _translation(config: TranslateConfig) -> Conversion:
    opened = open_translations(config)
    if len(opened) > 1:
        raise Refusal(f"{len(opened)} results of each photo are asked for, and there is place for one")
    return opened[0]


def _variants(model: TranslateModel) -> int | None:
    """How many variants are asked for; a strip without a number has some, unless it shows domains or a given style."""
    if model.variant_count or not model.strip or model.to == ALL or model.style_of:
        return model.variant_count
    return VARIANTS
