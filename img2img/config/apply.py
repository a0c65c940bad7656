"""Everything that the commands that apply a model can be told: upscale, inpaint, translate, sample."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from img2img.config.sections.masks import Channel, Polarity
from img2img.config.sections.run import PrecisionName
from img2img.config.train.gan_settings import StandardName

from .base import Config, Name, Refusal, Section
from .device import OnDevice
from .shapes import Shape, parse_box, parse_circle, parse_pick, parse_polygon, written

DEFAULT_MAX_PIXELS = 200_000_000

OnExisting = Literal["skip", "overwrite", "fail"]
"""skip: leave whatever is there. overwrite: make every result again. fail: refuse before any work."""

ClassicalMethod = Literal["telea", "navier-stokes"]
"""What fills holes without a network."""
Filler = Literal["auto", "network", "exemplar", "telea", "navier-stokes"]
"""What fills holes; exemplar: copies of the photo's known part; auto: for each hole exemplar or network."""


def _tile(value: object) -> object:
    if value in ("auto", "off"):
        return value
    if re.fullmatch(r"0*[1-9]\d{0,17}", str(value)):
        return int(str(value))
    raise ValueError("allowed: auto, off, or a number of px")


Tile = Literal["auto", "off"] | int
"""off is the whole photo at once, a number the side of the tiles, px of the input."""


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


class Computing(OnDevice):
    """computing"""

    precision: PrecisionName = "auto"
    """Number format of the network; what is not finite is done again in fp32; auto: 16 bits where that was faster on
    such a device and the result has 8 bits, else fp32; translate on a CPU: fp32."""
    tile: Annotated[Tile, BeforeValidator(_tile)] = "auto"
    """Side of the tiles, px of the source; auto: as memory allows; off: whole photos."""


class UpscaleModel(Section):
    """model"""

    scale: float | None = Field(None, ge=1, le=8)
    """How many times as large, such as 2.5; at most the model's own scale [default: the model's, 4]."""
    width: int | None = Field(None, ge=1)
    """Width of the results, px, in place of --scale; the aspect is kept."""
    height: int | None = Field(None, ge=1)
    """Height of the results, px, in place of --scale; the aspect is kept."""
    fit: str | None = None
    """A box, px, in place of --scale: with 4096x4096 results are as large as fits in it; the aspect is kept."""
    model: Name | None = None
    """A name of `img2img weights list`, a weights file, the folder of a run, or other people's weights (.pth,
    .safetensors) [default: what suits the size]."""
    strength: float | None = Field(None, ge=0, le=1)
    """How much of what the model invents is kept: 1 is the model alone, 0 is --blend alone [default: 1; with --blend
    0.5]."""
    blend: Name | None = None
    """The other weights, of the same network, that a --strength below 1 mixes in: a name or a file [default: the
    shipped psnr model]."""


class UpscaleConfig(Config):
    """Options of `img2img upscale`."""

    photos: Photos
    model: UpscaleModel = UpscaleModel()
    computing: Computing = Computing()


ALL = "all"
"""What --to takes for every domain, unless one is called so."""
MOST_VARIANTS = 100
STRIPS = (".png", ".jpg", ".jpeg")
"""Endings of a file that holds several results beside each other."""


def _names_a_strip(part: str) -> bool:
    return part.lower().endswith(STRIPS)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


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
        counts = [part for part in _parts(self.variants) if part.isdecimal()]
        return int(counts[0]) if counts else None

    @property
    def strip(self) -> str | None:
        """The file of the strip that is asked for."""
        files = [part for part in _parts(self.variants) if not part.isdecimal()]
        return files[0] if files else None

    @field_validator("variants")
    @classmethod
    def _are_a_number_and_a_file(cls, text: str) -> str:
        counts = [part for part in _parts(text) if part.isdecimal()]
        files = [part for part in _parts(text) if not part.isdecimal()]
        in_range = all(1 <= int(count) <= MOST_VARIANTS for count in counts)
        if not in_range or len(counts) > 1 or len(files) > 1 or not all(map(_names_a_strip, files)):
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


class InpaintModel(Section):
    """model"""

    model: Name | None = None
    """A name of `img2img weights list`, a weights file, or the folder of a run [default: photo-inpaint]."""
    method: Filler = "auto"
    """What fills holes; exemplar: copies of other parts of the photo, chosen with the network's help; auto: exemplar or
    network, decided for each hole; telea and navier-stokes: OpenCV's, without weights."""


class HoleMask(Section):
    """mask"""

    mask: Name | None = None
    """What is to be filled: a picture for all photos, a folder with one for each (same relative name, any format), -
    for stdin, or alpha: what is transparent, and the result is opaque [default: what the shapes mark]."""
    box: tuple[Annotated[str, AfterValidator(written(parse_box))], ...] = ()
    """A box of the hole, x,y,width,height in px of the upright photo or in percent; from another corner with its name:
    right-bottom,2%,2%,30%,5%. Shapes may be given several times; they and the mask add up."""
    circle: tuple[Annotated[str, AfterValidator(written(parse_circle))], ...] = ()
    """A circle: x,y,radius; percent of the radius are of the shorter side."""
    polygon: tuple[Annotated[str, AfterValidator(written(parse_polygon))], ...] = ()
    """An outline through points: "10,10 90,20 50,80"."""
    pick: tuple[Annotated[str, AfterValidator(written(parse_pick))], ...] = ()
    """The thing under a point, x,y: what has nearly its colour, up to an edge."""
    grow: float = Field(0.0, ge=0, le=1000)
    """Make the hole larger all around, px."""
    feather: int = Field(0, ge=0, le=200)
    """Width of a soft edge around the hole, in which what is filled fades into the photo, px."""
    hole: Polarity = "white"
    """What the hole is in the mask; opaque counts as white."""
    mask_channel: Channel = "auto"
    """What of the mask counts; auto: alpha where it alone says something."""
    threshold: float | None = None
    """From which value, above 0 and up to 1, a mask counts as white, or a photo as opaque [default: 0.5, and a mask
    that is largely neither black nor white is refused]."""

    def shapes(self) -> tuple[Shape, ...]:
        """What the shapes' options say. Raises Refusal where there is neither a mask nor a shape."""
        found: list[Shape] = [*map(parse_box, self.box), *map(parse_circle, self.circle)]
        found += [*map(parse_polygon, self.polygon), *map(parse_pick, self.pick)]
        if not found and self.mask is None:
            raise Refusal("--mask is required, or a shape: --box, --circle, --polygon, --pick; see --help")
        return tuple(found)


class FillingComputing(Computing):
    """computing"""

    tile: Annotated[Tile, BeforeValidator(_tile)] = "auto"
    """Side of the squares that the network sees, px; auto: the size it was trained on; off: whole photos."""


class InpaintConfig(Config):
    """Options of `img2img inpaint`."""

    photos: Photos
    mask: HoleMask = HoleMask()
    model: InpaintModel = InpaintModel()
    computing: FillingComputing = FillingComputing()


class MaskPhotos(Photos):
    """photos"""

    left_out: ClassVar[frozenset[str]] = frozenset({"format", "quality", "report"})

    format: Literal["jpg", "png", "webp", "avif", "tiff"] | None = "png"
    """Format of the masks."""


class MaskConfig(Config):
    """Options of `img2img mask`."""

    photos: MaskPhotos
    mask: HoleMask = HoleMask()


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
