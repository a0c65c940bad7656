"""Everything `img2img translate` can be told."""

from __future__ import annotations

from pydantic import Field, field_validator

from img2img.config.base import Config, Name, Section

from .computing import Computing
from .photos import Photos

ALL = "all"
"""What --to takes for every domain, unless one is called so."""
MOST_VARIANTS = 100
STRIPS = (".png", ".jpg", ".jpeg")
"""Endings of a file that holds several results beside each other."""


def _counts_and_files(text: str) -> tuple[list[str], list[str]]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return [part for part in parts if part.isdecimal()], [part for part in parts if not part.isdecimal()]


class TranslateModel(Section):
    """model"""

    model: Name
    """A weights file, or the folder of a run."""
    to: str | None = None
    """The domain to translate to, by the model's names; needed where it has several; all: a result for each of them."""
    variants: str = ""
    """Several results of each photo, where the model has styles or with --noise: so many, or the name of a picture file
    for a strip of them, or both, as in 8,strip.png [default of the strip: 5]. With --to all the strip has the
    domains."""
    style_of: Name | None = None
    """A picture of the domain that is translated to, whose style the results take."""
    noise: bool = False
    """Keep dropout on, pix2pix's source of variety."""
    seed: int = Field(0, ge=0)
    """Number of the first variant, or of the only one; the others have the numbers after it. The same number is the
    same style in every photo. With --noise the seed of the dropout."""

    @property
    def variant_count(self) -> int | None:
        """How many variants are asked for; None: no word of it."""
        counts, _ = _counts_and_files(self.variants)
        return int(counts[0]) if counts else None

    @property
    def strip(self) -> str | None:
        """The file of the strip that is asked for."""
        _, files = _counts_and_files(self.variants)
        return files[0] if files else None

    @field_validator("variants")
    @classmethod
    def _are_a_number_and_a_file(cls, text: str) -> str:
        counts, files = _counts_and_files(text)
        in_range = all(1 <= int(count) <= MOST_VARIANTS for count in counts)
        strips = all(name.lower().endswith(STRIPS) for name in files)
        if not in_range or not strips or len(counts) > 1 or len(files) > 1:
            raise ValueError(
                f"write a number from 1 to {MOST_VARIANTS}, a strip's file name, which ends in {', '.join(STRIPS)}, or "
                f"both, as in 8,strip.png"
            )
        return text


class TranslateConfig(Config):
    """Options of `img2img translate`."""

    photos: Photos
    model: TranslateModel
    computing: Computing = Computing()
