"""What enlarges pictures for a measurement: a network, run whole, or MATLAB's bicubic as the baseline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from img2img.apply.engine.model import Model
from img2img.apply.models import open_upscaler
from img2img.config.base import Refusal
from img2img.data.damage.matlab_resize import enlarge, shrink
from img2img.images.samples import fit_channels
from img2img.weights.blend import UNMIXED, Mixture

BASELINE = "bicubic"
"""The name of the model that is none."""


@dataclass(frozen=True)
class Enlarger:
    """What is measured. enlarge: (C, H, W) in [-1, 1] -> (C', H scale, W scale), on the CPU."""

    enlarge: Callable[[Tensor], Tensor]
    scale: int

    def cut(self, picture: Tensor) -> Tensor:
        """The picture without the rows and columns at its end that are too few for a pixel of low resolution.

        Raises: Refusal where nothing remains.
        """
        height, width = (length // self.scale * self.scale for length in picture.shape[-2:])
        if not height or not width:
            size = f"{picture.shape[-1]}x{picture.shape[-2]}"
            raise Refusal(f"a picture of {size} px is too small for a scale of {self.scale}")
        return picture[..., :height, :width]

    def shrunk(self, picture: Tensor) -> Tensor:
        """The low resolution of a picture (C, H, W) that is cut, as a benchmark's file would hold it."""
        return shrink(picture, self.scale, eight_bit=True)


def open_enlarger(model: str, scale: int | None, device: torch.device, mixture: Mixture = UNMIXED) -> Enlarger:
    """The baseline by its name, enlarging `scale` times (4 for None), or a model, whatever `img2img upscale` takes.

    mixture: what its weights are blended with.

    Raises: WeightsError for what is no model to upscale with, Refusal where it enlarges less than `scale` times.
    """
    if model == BASELINE and mixture:
        raise Refusal("--strength and --blend: bicubic has no weights to blend")
    if model == BASELINE:
        return Enlarger(partial(enlarge, scale=scale or 4, eight_bit=True), scale or 4)
    # Whole and in float32: tiles and half precision are for photos, figures are for networks.
    opened = open_upscaler(model, scale, device=device, precision="fp32", tile="off", mixture=mixture)
    return Enlarger(partial(_run, opened), scale or opened.scale)


def _run(model: Model, low: Tensor) -> Tensor:
    return model.run(fit_channels(low, model.channels))
