"""What is to be filled: a mask, shapes, or both; and everything `img2img mask` can be told."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from img2img.config.base import Config, Name, Refusal, Section
from img2img.config.sections.masks import Channel, Polarity
from img2img.config.shapes import Shape, parse_box, parse_circle, parse_pick, parse_polygon, written

from .photos import Photos


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


class MaskPhotos(Photos):
    """photos"""

    left_out: ClassVar[frozenset[str]] = frozenset({"format", "quality", "report"})

    format: Literal["jpg", "png", "webp", "avif", "tiff"] | None = "png"
    """Format of the masks."""


class MaskConfig(Config):
    """Options of `img2img mask`."""

    photos: MaskPhotos
    mask: HoleMask = HoleMask()
