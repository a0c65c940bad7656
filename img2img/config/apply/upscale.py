"""Everything `img2img upscale` can be told."""

from __future__ import annotations

from pydantic import Field

from img2img.config.base import Config, Name, Section

from .computing import Computing
from .photos import Photos


class UpscaleModel(Section):
    """model"""

    scale: float | None = Field(None, ge=1, le=8)
    """How many times as large, such as 2.5; at most the model's own scale [default: the model's, 4]."""
    width: int | None = Field(None, ge=1)
    """Width of the results, px, in place of --scale; the aspect is kept."""
    height: int | None = Field(None, ge=1)
    """Height of the results, px, in place of --scale; the aspect is kept."""
    fit: str | None = None
    """A box, px, in place of --scale: with 4096x4096 results are as large as fits in it; the aspect is kept."""
    model: Name | None = None
    """A name of `img2img weights list`, a weights file, the folder of a run, or other people's weights (.pth,
    .safetensors) [default: what suits the size]."""
    strength: float | None = Field(None, ge=0, le=1)
    """How much of what the model invents is kept: 1 is the model alone, 0 is --blend alone [default: 1; with --blend
    0.5]."""
    blend: Name | None = None
    """The other weights, of the same network, that a --strength below 1 mixes in: a name or a file [default: the
    shipped psnr model]."""


class UpscaleConfig(Config):
    """Options of `img2img upscale`."""

    photos: Photos
    model: UpscaleModel = UpscaleModel()
    computing: Computing = Computing()
