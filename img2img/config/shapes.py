"""Shapes that mark a hole, as they are written: boxes, circles, polygons, points, strokes of a brush."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from pydantic import Field

from .base import Frozen

Corner = Literal["left-top", "right-top", "left-bottom", "right-bottom"]
"""From which places are measured: to the right and down, or from the right, or from below."""

MOST_POINTS = 20_000
"""Of one shape."""

_CORNER = re.compile(r"(left|right|top|bottom)-(left|right|top|bottom)[\s,:]+")
_LENGTH = re.compile(r"(-?\d{1,9}(?:\.\d{0,9})?)(%?)")


class Length(Frozen):
    """So many px, or percent of the photo's side."""

    value: float = Field(ge=-(10**9), le=10**9)
    percent: bool = False

    def px(self, side: float) -> float:
        """In a photo whose side has so many px."""
        return self.value * side / 100 if self.percent else self.value


Point = tuple[Length, Length]
"""x and y, from the shape's corner."""


class Box(Frozen):
    """An upright rectangle: x, y are those of its edges that are nearest to the corner; px x to x + width."""

    corner: Corner = "left-top"
    x: Length
    y: Length
    width: Length
    height: Length
    erase: bool = False


class Circle(Frozen):
    """All px within a radius of a px; a percentage of the radius is one of the photo's shorter side."""

    corner: Corner = "left-top"
    x: Length
    y: Length
    radius: Length
    erase: bool = False


class Polygon(Frozen):
    """The inside of an outline through these points, with its rim."""

    corner: Corner = "left-top"
    points: tuple[Point, ...] = Field(min_length=3, max_length=MOST_POINTS)
    erase: bool = False


class Stroke(Frozen):
    """What a round brush covers on its way through these points; one is a dot."""

    corner: Corner = "left-top"
    points: tuple[Point, ...] = Field(min_length=1, max_length=MOST_POINTS)
    radius: Length
    erase: bool = False


class Pick(Frozen):
    """The thing under a point: what has nearly its colour around it, up to an edge."""

    corner: Corner = "left-top"
    x: Length
    y: Length


Shape = Box | Circle | Polygon | Stroke | Pick


def parse_box(text: str) -> Box:
    """Of 120,80,60,40 or right-bottom,2%,2%,30%,5%. Raises ValueError."""
    corner, rest = _cornered(text)
    lengths = _lengths(rest, 4)
    if lengths is None or min(lengths[2].value, lengths[3].value) <= 0:
        raise ValueError("write x,y,width,height in px or percent, such as 120,80,60,40 or right-bottom,2%,2%,30%,5%")
    x, y, width, height = lengths
    return Box(corner=corner, x=x, y=y, width=width, height=height)


def parse_circle(text: str) -> Circle:
    """Of 300,200,25. Raises ValueError."""
    corner, rest = _cornered(text)
    lengths = _lengths(rest, 3)
    if lengths is None or lengths[2].value < 0:
        raise ValueError("write x,y,radius in px or percent, such as 300,200,25 or 50%,50%,10%")
    x, y, radius = lengths
    return Circle(corner=corner, x=x, y=y, radius=radius)


def parse_polygon(text: str) -> Polygon:
    """Of "10,10 90,20 50,80". Raises ValueError."""
    corner, rest = _cornered(text)
    points = [_lengths(point, 2) for point in re.split(r"[\s;]+", rest.strip())]
    found = [(point[0], point[1]) for point in points if point]
    if not 3 <= len(found) <= MOST_POINTS or len(found) < len(points):
        raise ValueError('write three points or more, x,y in px or percent, such as "10,10 90,20 50,80"')
    return Polygon(corner=corner, points=tuple(found))


def parse_pick(text: str) -> Pick:
    """Of 320,240. Raises ValueError."""
    corner, rest = _cornered(text)
    lengths = _lengths(rest, 2)
    if lengths is None:
        raise ValueError("write x,y in px or percent, such as 320,240 or 50%,40%")
    return Pick(corner=corner, x=lengths[0], y=lengths[1])


def written(parse: Callable[[str], Shape]) -> Callable[[str], str]:
    """A check that leaves an option as it was written, as its TOML and a manifest have it."""

    def check(text: str) -> str:
        parse(text)
        return text

    return check


def _cornered(text: str) -> tuple[Corner, str]:
    """The corner that the text begins with, in either order of its words, and the rest."""
    found = _CORNER.match(text.strip().lower())
    words = set(found.groups()) if found else set()
    across, down = words & {"left", "right"}, words & {"top", "bottom"}
    if not found or len(across) != 1 or len(down) != 1:
        return "left-top", text.strip()
    corner: Corner
    if across == {"left"}:
        corner = "left-top" if down == {"top"} else "left-bottom"
    else:
        corner = "right-top" if down == {"top"} else "right-bottom"
    return corner, text.strip()[found.end() :]


def _lengths(text: str, count: int) -> list[Length] | None:
    """None where the text is no such list."""
    found = [_LENGTH.fullmatch(part.strip()) for part in text.split(",")]
    if len(found) != count or not all(found):
        return None
    return [Length(value=float(one[1]), percent=bool(one[2])) for one in found if one]
