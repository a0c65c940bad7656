"""Options of `img2img compare`."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from .base import Config, Name, Section


class CompareRuns(Section):
    """runs"""

    arguments: ClassVar[tuple[str, ...]] = ("runs",)
    short: ClassVar[dict[str, str]] = {"out": "o"}

    runs: tuple[Name, ...] = Field((), max_length=64)
    """Folders of runs; what is no run's folder is left out, and said."""
    out: Path = Path("compare.html")
    """Page to write."""
    sheets: int = Field(8, ge=0, le=64)
    """Most sample sheets of each run."""


class CompareConfig(Config):
    """Options of `img2img compare`."""

    runs: CompareRuns = CompareRuns()
