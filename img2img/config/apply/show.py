"""Everything `img2img show` can be told."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from img2img.config.base import Config, Name, Section

from .photos import DEFAULT_MAX_PIXELS


class ShownPictures(Section):
    """pictures"""

    arguments: ClassVar[tuple[str, ...]] = ("before", "after")
    short: ClassVar[dict[str, str]] = {"out": "o"}

    before: Name
    """The photo."""
    after: Name
    """What was made of it, in any size."""
    out: Name | None = None
    """The page, .html [default: beside the second picture]."""
    max_pixels: int = Field(DEFAULT_MAX_PIXELS, ge=1)
    """Largest photo that is opened, px."""


class ShowConfig(Config):
    """Options of `img2img show`."""

    pictures: ShownPictures
