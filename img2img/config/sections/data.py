"""Data options: which files, at which size, augmented how."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from img2img.config.base import Section

Shape = tuple[int, int]
"""Height and width, px."""

SMALLEST, LARGEST = 16, 4096
"""Of the sides of training pictures, px."""

LONGEST_NAME = 100
"""Of a domain, letters: it stands in headings, sheets and file names."""


class ImageData(Section):
    """data"""

    fixed: ClassVar[frozenset[str]] = frozenset({"size", "channels"})

    size: int = Field(256, ge=SMALLEST, le=LARGEST)
    """Side of the square that the networks train on, px."""
    load_size: int | None = Field(None, ge=SMALLEST, le=2 * LARGEST)
    """Side that is read before the random crop to --size, px [default: size x 286/256, as in the papers; with --fit
    crop, size]."""
    fit: Literal["cover", "stretch", "crop"] = "cover"
    """How a picture becomes a square: cover keeps its aspect and crops; stretch resizes both sides, as in papers; crop
    cuts windows out of the full resolution, and only enlarges what is too small."""
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
    workers: int | None = Field(None, ge=0, le=256)
    """Processes that read pictures [default: one per core, at most 8; 0: read in the main process]."""
    cache: Literal["auto", "memory", "off"] = "auto"
    """Keep decoded pictures in memory; auto: where they take under a quarter of what is free."""

    @property
    def label_side(self) -> str | None:
        """The side whose values are labels, which neither resizing nor augmentation may mix or change."""
        return None

    @property
    def loaded_side(self) -> int:
        """Side before the random crop, px: load_size, or 286/256 of size as in the papers; with fit="crop", where the
        window is random already, size."""
        size = min(self.shape)
        usual = size if self.fit == "crop" else round(size * 286 / 256)
        return max(self.load_size or usual, size)

    @property
    def shape(self) -> Shape:
        """Of the pictures that the networks train on: squares, unless the section takes rectangles."""
        return self.size, self.size

    @property
    def loaded_shape(self) -> Shape:
        """Height and width before the random crop, px: `loaded_side` is the shorter one."""
        height, width = self.shape
        enlarged = self.loaded_side / min(height, width)
        return round(height * enlarged), round(width * enlarged)


class TranslationData(ImageData):
    """data"""

    blur: float = Field(0.0, ge=0, le=1)
    """Share of the pictures that get a Gaussian blur, sigma 0.1 to 2 px."""
    sensor_noise: float = Field(0.0, ge=0, le=1)
    """Share of the pictures that get Gaussian noise, standard deviation up to 0.05 of the range."""
    jpeg: float = Field(0.0, ge=0, le=1)
    """Share of the pictures that get JPEG artefacts, quality 30 to 95."""
    erase: float = Field(0.0, ge=0, le=1)
    """Share of the pictures that get a random rectangle erased."""


class PairedData(TranslationData):
    """data"""

    fixed: ClassVar[frozenset[str]] = ImageData.fixed | {"direction", "labels", "instances"}

    pairs: Path | None = None
    """Folder of side-by-side A|B images, or of two sub-folders with same-named images; train/ and val/ are found."""
    a: Path | None = None
    """Folder of side a, whose pictures have the names of their partners in --b; in place of --pairs."""
    b: Path | None = None
    """Folder of side b."""
    side_by_side: bool = False
    """Take the pictures of --pairs for side-by-side A|B pairs, whatever their shape."""
    direction: Literal["a-to-b", "b-to-a"] = "a-to-b"
    """Which side is the input: a is the left half or the first folder by name."""
    labels: int | None = Field(None, ge=2, le=256)
    """The input side holds label maps with so many labels: grey pictures, whose value, from 0, is the label."""
    instances: bool = False
    """With --labels: the maps are in colour, red being the label, and green and blue the number of the instance, 256 *
    green + blue. The network is told the borders between instances."""
    name_a: str | None = Field(None, max_length=LONGEST_NAME)
    """What the weights file calls side a [default: the sub-folder's name, or a]."""
    name_b: str | None = Field(None, max_length=LONGEST_NAME)
    """What the weights file calls side b [default: the sub-folder's name, or b]."""

    @property
    def input_side(self) -> str:
        """By its letter."""
        return "b" if self.direction == "b-to-a" else "a"

    @property
    def label_side(self) -> str | None:
        """The input side, where it holds label maps."""
        return self.input_side if self.labels else None


def _size(value: Any) -> Any:
    """An int of "256", and "1024x512" as it is. Raises ValueError for what is no size."""
    sides = str(value).lower().split("x")
    if isinstance(value, bool) or len(sides) > 2 or not all(side.isascii() and side.isdecimal() for side in sides):
        raise ValueError("write a side, 256, or width x height, 1024x512")
    if not all(len(side) < 10 and SMALLEST <= int(side) <= LARGEST for side in sides):
        raise ValueError(f"allowed are sides from {SMALLEST} to {LARGEST} px")
    return int(sides[0]) if sides[0] == sides[-1] else "x".join(sides)


class PairedRectangles(PairedData):
    """data"""

    size: Annotated[int | str, BeforeValidator(_size)] = 256  # type: ignore[assignment]  # elsewhere squares alone
    """What the networks train on, px: the side of a square, 256, or width x height, 1024x512."""
    load_size: int | None = Field(None, ge=SMALLEST, le=2 * LARGEST)
    """Side that is read before the random crop to --size, of a rectangle the shorter one, px [default: size x 286/256,
    as in the papers; with --fit crop, size]."""
    fit: Literal["cover", "stretch", "crop"] = "cover"
    """How a picture comes to that shape: cover keeps its aspect and crops; stretch resizes both sides, as in papers;
    crop cuts windows out of the full resolution, and only enlarges what is too small."""

    @property
    def shape(self) -> Shape:
        """Of the pictures that the networks train on."""
        sides = str(self.size).split("x")
        return int(sides[-1]), int(sides[0])


class UnpairedData(TranslationData):
    """data"""

    a: Path | None = None
    """Folder of the first domain's images."""
    b: Path | None = None
    """Folder of the second domain's images."""
    data: Path | None = None
    """One folder in the trainA/ trainB/ (testA/ testB/) layout, instead of --a and --b."""
    name_a: str | None = Field(None, max_length=LONGEST_NAME)
    """What the weights file calls domain a [default: its folder's name]."""
    name_b: str | None = Field(None, max_length=LONGEST_NAME)
    """What the weights file calls domain b [default: its folder's name]."""


class DomainsData(TranslationData):
    """data"""

    images: Path | None = None
    """Folder with a sub-folder of pictures for each domain, which has its name; train/ and val/ are found."""
    size: int = Field(128, ge=SMALLEST, le=LARGEST)
    """Side of the square that the networks train on, px."""


class ImagesData(ImageData):
    """data"""

    images: Path | None = None
    """Folder of pictures, flat or nested; sub-folders train/ and val/ are found."""
    size: int = Field(96, ge=SMALLEST, le=LARGEST)
    """Side of the square windows that the networks train on, px."""
    fit: Literal["cover", "stretch", "crop"] = "crop"
    """How a picture becomes a square: crop cuts windows out of the full resolution, and only enlarges what is too
    small; cover keeps its aspect, resizes and crops; stretch resizes both sides."""
    windows: int = Field(4, ge=1, le=256)
    """Windows of a picture in each epoch. So many steps in a row share their pictures, so that each is decoded once
    for all of them: more where the pictures are large and do not fit in memory."""


class Degradation(Section):
    """degradation"""

    fixed: ClassVar[frozenset[str]] = frozenset({"degrade"})

    degrade: Literal["photo", "bicubic"] = "photo"
    """How the low resolution is made: photo adds what cameras and files do, for real photos; bicubic is MATLAB's, for
    benchmarks."""
    photo_middle: float = Field(0.3, ge=0, le=1)
    """Share of the pictures that photo treats with middle strength. A picture's strength is one number for all that is
    done to it: up to a third of the ranges below, from there to two thirds, or up to all of them. The rest is mild."""
    photo_harsh: float = Field(0.1, ge=0, le=1)
    """Share of the pictures that photo treats with its full strength."""
    photo_share: float = Field(0.8, ge=0, le=1)
    """Share of the pictures that each of blur, noise and JPEG falls on."""
    photo_twice: float = Field(0.5, ge=0, le=1)
    """Share of the pictures that go through blur, noise, JPEG and a resize twice."""
    photo_resize: float = Field(0.7, ge=0.1, le=1)
    """Smallest side after the first of two resizes, as a share of the low resolution's; drawn up to 1.2 times the
    high resolution's, mostly near to it."""
    photo_blur: float = Field(2.0, ge=0, le=4)
    """Largest standard deviation of photo's Gaussian blur, px of the low resolution."""
    photo_noise: float = Field(25.0, ge=0, le=100)
    """Largest standard deviation of photo's Gaussian noise, 8-bit steps."""
    photo_photons: float = Field(100.0, ge=1, le=1e6)
    """Fewest photons of white in photo's Poisson noise."""
    photo_grey: float = Field(0.4, ge=0, le=1)
    """Share of noisy pictures whose noise is grey, the same in all channels."""
    photo_grain: float = Field(20.0, ge=0, le=100)
    """Largest standard deviation of photo's film grain, 8-bit steps."""
    photo_grain_share: float = Field(0.2, ge=0, le=1)
    """Share of the pictures with film grain."""
    photo_grain_size: float = Field(3.0, ge=1, le=16)
    """Largest width of a grain, px of the low resolution; drawn from 1."""
    photo_blotches: float = Field(10.0, ge=0, le=100)
    """Largest standard deviation of Cb and Cr in photo's blotches of colour, those of low light; 8-bit steps."""
    photo_blotches_share: float = Field(0.2, ge=0, le=1)
    """Share of the pictures with blotches of colour."""
    photo_blotches_size: float = Field(6.0, ge=1, le=16)
    """Largest width of a blotch, px of the low resolution; drawn from 1."""
    photo_dust_share: float = Field(0.08, ge=0, le=1)
    """Share of the pictures with dust, hairs and scratches of an old print."""
    photo_fade: float = Field(0.3, ge=0, le=0.45)
    """How far black rises and white falls in photo's faded pictures, of the range, at most. High and low resolution
    fade alike: colours are kept as they are found."""
    photo_fade_share: float = Field(0.1, ge=0, le=1)
    """Share of the pictures that are faded."""
    photo_sharpen: float = Field(1.5, ge=0, le=8)
    """Largest amount of photo's sharpening (unsharp mask), which leaves halos."""
    photo_sharpen_share: float = Field(0.3, ge=0, le=1)
    """Share of the pictures that are sharpened, before JPEG."""
    photo_sharpen_radius: float = Field(2.0, ge=0.3, le=8)
    """Largest standard deviation of the blur that sharpening starts from, px of the low resolution; drawn from 0.5."""
    photo_ringing: float = Field(0.35, gt=0, le=1)
    """Lowest cut-off of photo's ringing (a sinc filter), as a share of the highest frequency that a picture holds."""
    photo_ringing_share: float = Field(0.2, ge=0, le=1)
    """Share of the pictures with ringing, before or after JPEG."""
    photo_jpeg: float = Field(30.0, ge=1, le=95)
    """Lowest JPEG quality of photo; drawn up to 95."""
    photo_chroma: float = Field(0.8, ge=0, le=1)
    """Share of the JPEG pictures whose colour has half the resolution (4:2:0)."""
