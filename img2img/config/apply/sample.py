"""Everything `img2img sample` can be told."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from img2img.config.base import Config, Name, Section
from img2img.config.device import OnDevice
from img2img.config.train.gan_settings import StandardName


class DrawnSamples(Section):
    """samples"""

    short: ClassVar[dict[str, str]] = {"number": "n"}

    model: Name
    """A weights file, or the folder of a run."""
    number: int = Field(64, ge=1, le=100_000)
    """How many samples to draw."""
    seed: int = Field(0, ge=0)
    """Number of the first sample; the others have the numbers after it."""
    truncation: float | None = None
    """Draw noise only from the middle of its distribution, or nearer to stylegan's mean: less variety, fewer bad
    pictures [default: all of it]."""
    classes: str = ""
    """Names of the classes to draw in turn: cat,dog [default: all]."""


class SamplePicture(Section):
    """picture"""

    short: ClassVar[dict[str, str]] = {"out": "o"}

    out: Path | None = None
    """A file for a picture of all samples, or a folder for a file of each; with --between also a film, .webp
    [default: beside the weights]."""
    zoom: int | None = Field(None, ge=1)
    """Side of a pixel in the file, px [default: 1 in a folder; else what makes pictures of 64 px or more]."""


class LatentPaths(Section):
    """paths through the latents"""

    between: str = ""
    """Pictures on the path between the samples of these numbers: 3,8,21."""
    along: Literal["linear", "spherical"] = "spherical"
    """Shape of the path of --between: straight lines, or great circles."""
    frames: int | None = Field(None, ge=1)
    """Steps from one sample to the next, or values of a code [default: 8; in a film 25]."""
    sum: str = ""
    """The sample of a sum of the latents of these numbers: 3-8+21."""
    traverse: int = Field(0, ge=0)
    """Draw each sample with every value of this one of InfoGAN's codes, counted from 1; 0: off."""


class Neighbours(Section):
    """neighbours"""

    neighbours: int = Field(0, ge=0, le=64)
    """How many of the nearest training pictures to show beside each sample."""
    neighbours_by: Literal["pixels", "features"] = "pixels"
    """What is compared to find them: pixels, or Inception's features, which stand for what a picture shows."""
    inception: Path | None = None
    """File of Inception's weights, for features [default: $IMG2IMG_INCEPTION, else a download]."""
    images: Path | None = None
    """Folder of the training pictures, for --neighbours."""
    dataset: StandardName | None = None
    """Standard set, for --neighbours."""
    root: Path = Path("data")
    """Folder of the standard sets."""


class SampleConfig(Config):
    """Options of `img2img sample`."""

    samples: DrawnSamples
    picture: SamplePicture = SamplePicture()
    paths: LatentPaths = LatentPaths()
    neighbours: Neighbours = Neighbours()
    computing: OnDevice = OnDevice()
