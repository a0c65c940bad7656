"""From a command's options to what converts photos: for the commands, and for the studio."""

from __future__ import annotations

from img2img.apply.engine.sizing import Sizing
from img2img.apply.inpaint.inpainting import Inpainting
from img2img.apply.inpaint.masking import Masking
from img2img.apply.upscaling import open_upscaling
from img2img.config.apply import InpaintConfig, TranslateConfig, UpscaleConfig
from img2img.machine import choose_device
from img2img.weights.blend import Mixture

from .conversion import Conversion
from .models import open_inpainter, open_model

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


def _translation(config: TranslateConfig) -> Conversion:
    model, computing = config.model, config.computing
    return open_model(
        model.model,
        "translate",
        to=model.to,
        device=choose_device(computing.device),
        noise=model.seed if model.noise else None,
        precision=computing.precision,
        tile=computing.tile,
    )
