"""Everything `img2img evaluate` can be told."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from .base import Config, Section
from .masks import MaskOptions

LARGEST_SCALE = 8


class Compared(Section):
    """pictures"""

    reference: Path | None = None
    """Folder of the true pictures, in high resolution."""
    images: Path | None = None
    """Folder of results to compare with them, under the same names."""
    model: str | None = None
    """What makes the results instead: a model's name, a weights file, a run's folder, or bicubic, the baseline."""
    low: Path | None = None
    """Folder of low resolutions for --model, under the same names [default: made by MATLAB's bicubic]."""
    scale: int | None = Field(None, ge=1, le=LARGEST_SCALE)
    """Factor between low and high resolution [default: the model's; 4 for --images and bicubic]."""


class Completed(Section):
    """pictures"""

    reference: Path | None = None
    """Folder of the true pictures."""
    images: Path | None = None
    """Folder of filled pictures to compare with them, under the same names; their masks are --mask."""
    model: str | None = None
    """What fills instead: a model's name, a weights file, a run's folder."""
    method: Literal["telea", "navier-stokes"] | None = None
    """What fills instead, without weights: the baselines."""
    mask: Path | None = None
    """A mask for all pictures, or a folder with one for each under its name [default: drawn by --seed and the masks'
    options]."""
    seed: int = Field(0, ge=0)
    """Of the masks that are drawn: the same seed and options are the same holes."""


class Measures(Section):
    """measures"""

    lpips: Literal["auto", "none", "alex", "vgg", "both"] = "auto"
    """Which perceptual distances; auto: those whose weights are at hand."""
    lpips_weights: Path | None = None
    """Folder of LPIPS's weights, lpips_lin_alex.pth and such [default: $IMG2IMG_LPIPS]."""
    per_image: bool = False
    """A row for each picture, too."""
    as_json: bool = Field(False, serialization_alias="json")
    """Print JSON."""
    device: str = "auto"
    """auto (cuda, then mps, then cpu), cpu, mps, cuda, cuda:1, ..."""


class SrMeasures(Measures):
    """measures"""

    border: int | None = Field(None, ge=0)
    """Left out at each side for PSNR and SSIM, px [default: the scale]."""


class EvaluateSrConfig(Config):
    """Options of `img2img evaluate sr`."""

    pictures: Compared = Compared()
    measures: SrMeasures = SrMeasures()


class EvaluateInpaintConfig(Config):
    """Options of `img2img evaluate inpaint`."""

    pictures: Completed = Completed()
    masks: MaskOptions = MaskOptions()
    measures: Measures = Measures()
