"""What the page paints, as it sends it, and the mask that it makes, at the photo's full size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import torch
from pydantic import Field, TypeAdapter, ValidationError

from img2img.apply.inpaint.marking import hole_of_shapes
from img2img.config.base import Frozen
from img2img.config.shapes import MOST_POINTS, Length, Polygon, Shape, Stroke
from img2img.images import Encoding, Photo, write_samples

from .faults import Fault

MOST = 5000
"""Strokes and shapes of one mask."""
Coordinate = Annotated[float, Field(ge=-1e6, le=1e6)]
Places = Annotated[list[tuple[Coordinate, Coordinate]], Field(min_length=1, max_length=MOST_POINTS)]


class PaintedStroke(Frozen):
    """Of the brush or the eraser: px of the upright photo."""

    kind: Literal["stroke"]
    points: Places
    radius: float = Field(gt=0, le=10_000)
    erase: bool = False


class PaintedArea(Frozen):
    """A box, a polygon, or an outline of what was picked."""

    kind: Literal["area"]
    points: Annotated[Places, Field(min_length=3)]
    erase: bool = False


_PAINTED = TypeAdapter(Annotated[list[PaintedStroke | PaintedArea], Field(max_length=MOST)])


def shapes_of(painted: object) -> list[Shape]:
    """What the page sends, checked. Raises Fault 422."""
    try:
        found: list[PaintedStroke | PaintedArea] = _PAINTED.validate_python(painted)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"]))
        raise Fault(422, f"the mask's strokes: {place}: {fault['msg']}"[:200]) from None
    return [_shape(one) for one in found]


def write_mask(shapes: list[Shape], width: int, height: int, path: Path) -> None:
    """The mask of a photo of this size, px: white holes on black, PNG. Raises Fault 422 where nothing is marked."""
    blank = Photo(torch.zeros(1, 1, 1, dtype=torch.uint8).expand(1, height, width))
    hole = hole_of_shapes(shapes, blank)
    if not hole.any():
        raise Fault(422, "nothing is marked: paint over what is to go")
    write_samples((hole * 255)[..., None], path, Encoding("PNG"))


def _shape(painted: PaintedStroke | PaintedArea) -> Shape:
    points = tuple((Length(value=x), Length(value=y)) for x, y in painted.points)
    if isinstance(painted, PaintedStroke):
        return Stroke(points=points, radius=Length(value=painted.radius), erase=painted.erase)
    return Polygon(points=points, erase=painted.erase)
