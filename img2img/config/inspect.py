"""Everything `img2img data check` and `img2img data preview` can be told."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from .base import Config, Refusal, Section
from .data import ImageData, PairedData, UnpairedData
from .toml import Overrides, resolve


class AnyData(PairedData, UnpairedData):
    """data"""


class Preview(Section):
    """preview"""

    out: Path = Path("preview.png")
    """The sheet to write, PNG or JPEG."""
    samples: int = Field(6, ge=1, le=64)
    """Pictures on the sheet."""
    seed: int = Field(0, ge=0, lt=2**31)
    """Seed of the augmentation."""


class CheckConfig(Config):
    """Options of `img2img data check`."""

    data: AnyData = AnyData()


class PreviewConfig(Config):
    """Options of `img2img data preview`."""

    data: AnyData = AnyData()
    preview: Preview = Preview()


class _Paired(Config):
    data: PairedData = PairedData()


class _Unpaired(Config):
    data: UnpairedData = UnpairedData()


def data_options(overrides: Overrides) -> ImageData:
    """The data options as the recipe they are for reads them: --pairs, or --a and --b, or --data.

    Raises Refusal for none or several of these, ConfigError for an option that does not go with them.
    """
    given = overrides.get("data", {})
    paired, unpaired = "pairs" in given, bool({"a", "b", "data"} & set(given))
    if paired == unpaired:
        raise Refusal("name the data by one of --pairs DIR, --a DIR --b DIR, --data DIR")
    return resolve(_Paired, {"data": given}).data if paired else resolve(_Unpaired, {"data": given}).data
