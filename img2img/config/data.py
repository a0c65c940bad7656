"""Data options: which files, at which size, augmented how."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from .base import Section


class ImageData(Section):
    """data"""

    fixed: ClassVar[frozenset[str]] = frozenset({"size", "channels"})

    size: int = Field(256, ge=16, le=4096)
    """Side of the square that the networks train on, px."""
    load_size: int | None = Field(None, ge=16, le=8192)
    """Side that a picture is resized to before the random crop, px [default: size x 286/256, as in the papers]."""
    fit: Literal["cover", "stretch"] = "cover"
    """How a picture becomes a square: cover keeps its aspect and crops; stretch resizes both sides, as in papers."""
    channels: Literal["auto", "1", "3"] = "auto"
    """Grey or RGB; auto: grey only where every file of a domain is grey."""
    flip: bool = True
    """Mirror half of the pictures."""
    rotate: float = Field(0.0, ge=0, le=180)
    """Rotate by up to this many degrees."""
    zoom: float = Field(0.0, ge=0, lt=1)
    """Scale by a factor from 1 - zoom to 1 + zoom."""
    colour: float = Field(0.0, ge=0, le=1)
    """Jitter brightness, contrast and saturation by this fraction, hue by a tenth of it."""
    blur: float = Field(0.0, ge=0, le=1)
    """Share of the pictures that get a Gaussian blur, sigma 0.1 to 2 px."""
    sensor_noise: float = Field(0.0, ge=0, le=1)
    """Share of the pictures that get Gaussian noise, standard deviation up to 0.05 of the range."""
    jpeg: float = Field(0.0, ge=0, le=1)
    """Share of the pictures that get JPEG artefacts, quality 30 to 95."""
    erase: float = Field(0.0, ge=0, le=1)
    """Share of the pictures that get a random rectangle erased."""
    workers: int | None = Field(None, ge=0, le=256)
    """Processes that read pictures [default: one per core, at most 8; 0: read in the main process]."""
    cache: Literal["auto", "memory", "off"] = "auto"
    """Keep decoded pictures in memory; auto: where they take under a quarter of what is free."""

    @property
    def loaded_side(self) -> int:
        """Side before the random crop, px: load_size, or 286/256 of size as in the papers."""
        return max(self.load_size or round(self.size * 286 / 256), self.size)


class PairedData(ImageData):
    """data"""

    fixed: ClassVar[frozenset[str]] = ImageData.fixed | {"direction"}

    pairs: Path | None = None
    """Folder of side-by-side A|B images, or of two sub-folders with same-named images; train/ and val/ are found."""
    direction: Literal["a-to-b", "b-to-a"] = "a-to-b"
    """Which side is the input: a is the left half or the first folder by name."""
    name_a: str | None = None
    """What the weights file calls side a [default: the sub-folder's name, or a]."""
    name_b: str | None = None
    """What the weights file calls side b [default: the sub-folder's name, or b]."""


class UnpairedData(ImageData):
    """data"""

    a: Path | None = None
    """Folder of the first domain's images."""
    b: Path | None = None
    """Folder of the second domain's images."""
    data: Path | None = None
    """One folder in the trainA/ trainB/ (testA/ testB/) layout, instead of --a and --b."""
    name_a: str | None = None
    """What the weights file calls domain a [default: its folder's name]."""
    name_b: str | None = None
    """What the weights file calls domain b [default: its folder's name]."""
