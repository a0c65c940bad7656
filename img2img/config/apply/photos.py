"""Which photos a command converts, and what becomes of the results."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from img2img.config.base import Name, Section

DEFAULT_MAX_PIXELS = 200_000_000

OnExisting = Literal["skip", "overwrite", "fail"]
"""skip: leave whatever is there. overwrite: make every result again. fail: refuse before any work."""


class Photos(Section):
    """photos"""

    arguments: ClassVar[tuple[str, ...]] = ("sources",)
    short: ClassVar[dict[str, str]] = {"out": "o"}

    sources: tuple[Name, ...] = Field(min_length=1)
    """Files, folders (walked), or - for stdin."""
    out: Name | None = None
    """A file, a folder, or - for stdout; out-%03d.png numbers the pictures of a stream [default: beside each
    source]."""
    format: Literal["jpg", "png", "webp", "avif", "tiff"] | None = None
    """Format of the results [default: the source's]."""
    quality: int | None = Field(None, ge=1, le=100)
    """Quality of JPEG, WebP and AVIF [default: 95, 90, 85]."""
    on_existing: OnExisting | None = None
    """What to do where the result's file exists [default: skip results that are up to date, make them again where the
    photo, the options or the weights have changed, refuse a file that img2img did not make]."""
    max_pixels: int = Field(DEFAULT_MAX_PIXELS, ge=1)
    """Largest photo that is opened, px."""
    shard: str | None = None
    """Convert only a part of the photos: 2/8 is the second of eight parts."""
    report: Name | None = None
    """Also write one page, .html, with a slider between each photo and its result, and what failed."""
    as_json: bool = Field(False, serialization_alias="json")
    """Print one JSON object per photo on stdout."""
    quiet: bool = False
    """Print only failures on stderr."""
