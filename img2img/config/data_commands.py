"""Everything that `img2img data` can be told."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from img2img.config.sections.data import Degradation, ImageData, ImagesData, PairedData, UnpairedData
from img2img.config.sections.masks import MaskOptions

from .base import Config, Refusal, Section
from .toml import Overrides, resolve


class TwoFolders(Section):
    """data"""

    paired: bool = False
    """The pictures of --a and --b are pairs, found by their names, as `train pix2pix` takes them."""


class AnyData(PairedData, UnpairedData, ImagesData, TwoFolders):
    """data"""

    a: Path | None = None
    """Folder of the first domain's images."""
    b: Path | None = None
    """Folder of the second domain's images."""
    size: int = Field(256, ge=16, le=4096)
    """Side of the square that the networks train on, px; with --images 96."""
    fit: Literal["cover", "stretch", "crop"] = "cover"
    """How a picture becomes a square: cover keeps its aspect and crops; stretch resizes both sides, as in papers; crop
    cuts windows out of the full resolution, as is usual with --images."""


class CheckedData(AnyData):
    """data"""

    left_out: ClassVar[frozenset[str]] = frozenset(
        {"load_size", "flip", "rotate", "zoom", "colour", "blur", "sensor_noise", "jpeg", "erase"}
        | {"workers", "cache", "windows"}
    )


class HolesOutsideTraining(MaskOptions):
    """masks"""

    left_out: ClassVar[frozenset[str]] = frozenset({"grow"})


class Preview(Section):
    """preview"""

    out: Path = Path("preview.png")
    """The sheet to write, PNG or JPEG."""
    samples: int = Field(6, ge=1, le=64)
    """Pictures on the sheet."""
    seed: int = Field(0, ge=0, lt=2**31)
    """Seed of the augmentation."""
    scale: int = Field(4, ge=1, le=8)
    """Factor between the high and the low resolution that --degrade makes."""


class CheckConfig(Config):
    """Options of `img2img data check`."""

    data: CheckedData = CheckedData()
    masks: HolesOutsideTraining = HolesOutsideTraining()


class PreviewConfig(Config):
    """Options of `img2img data preview`."""

    data: AnyData = AnyData()
    degradation: Degradation = Degradation()
    masks: HolesOutsideTraining = HolesOutsideTraining()
    preview: Preview = Preview()


class MaskFiles(Section):
    """files"""

    out: Path = Path("masks")
    """The folder to write, new or empty."""
    count: int = Field(100, ge=1, le=1_000_000)
    """Masks to write. Fewer are the first of more."""
    height: int = Field(256, ge=1, le=16384)
    """Height of a mask, px."""
    width: int = Field(256, ge=1, le=16384)
    """Width of a mask, px."""
    seed: int = Field(0, ge=0, lt=2**31)
    """Seed of the holes."""


class MasksConfig(Config):
    """Options of `img2img data masks`."""

    masks: HolesOutsideTraining = HolesOutsideTraining()
    files: MaskFiles = MaskFiles()


class _Paired(Config):
    data: PairedData = PairedData()


class _Unpaired(Config):
    data: UnpairedData = UnpairedData()


class _Images(Config):
    data: ImagesData = ImagesData()


def data_options(overrides: Overrides) -> ImageData:
    """The data options as the recipe they are for reads them: --pairs, or --a and --b (with --paired as pairs), or
    --data, or --images.

    Raises Refusal for none or several of these, ConfigError for an option that does not go with them.
    """
    given = dict(overrides.get("data", {}))
    if given.pop("paired", False):
        return resolve(_Paired, {"data": given}).data
    ways: dict[type[_Paired | _Unpaired | _Images], set[str]] = {
        _Paired: {"pairs"},
        _Unpaired: {"a", "b", "data"},
        _Images: {"images"},
    }
    chosen = [config for config, names in ways.items() if names & set(given)]
    if len(chosen) != 1:
        raise Refusal("name the data by one of --pairs DIR, --a DIR --b DIR, --data DIR, --images DIR")
    return resolve(chosen[0], {"data": given}).data
