"""Options of `img2img studio`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator

from .apply import DEFAULT_MAX_PIXELS
from .base import Config, Name, Section
from .device import OnDevice

PORT = 8765
"""Where the studio is where nobody else is."""
_TOKEN = re.compile(r"[\w.~-]{16,128}", re.ASCII)


class StudioPhotos(Section):
    """photos"""

    arguments: ClassVar[tuple[str, ...]] = ("sources",)

    sources: tuple[Name, ...] = ()
    """Photos and folders (walked) to open; others can be dropped on the page [default: none]."""
    runs: Path = Path("runs")
    """Folder of training runs whose models are offered."""
    max_pixels: int = Field(DEFAULT_MAX_PIXELS, ge=1)
    """Largest photo that is opened, px."""
    max_megabytes: int = Field(256, ge=1, le=65536)
    """Largest file that is taken from the page or a script, MB."""


class Serving(Section):
    """serving"""

    host: Name = "127.0.0.1"
    """Address to listen at; one that other computers reach wants a --token."""
    port: int | None = Field(None, ge=1, le=65535)
    """Port to listen at [default: 8765, or a free one where that is taken]."""
    token: str | None = None
    """What an address must hold to be answered, 16 letters or more [default: a new one each time]."""
    browser: bool = True
    """Open the page in the browser."""

    @field_validator("token")
    @classmethod
    def _is_long_and_plain(cls, value: str | None) -> str | None:
        if value is not None and not _TOKEN.fullmatch(value):
            raise ValueError("allowed: 16 to 128 of a-z, A-Z, 0-9, - . _ ~")
        return value


class StudioConfig(Config):
    """Options of `img2img studio`."""

    photos: StudioPhotos = StudioPhotos()
    serving: Serving = Serving()
    computing: OnDevice = OnDevice()
