"""From shapes to the hole that they mark: (H, W) uint8, 1 = hole."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from img2img.config.shapes import Box, Circle, Corner, Length, Pick, Polygon, Shape, Stroke
from img2img.data.masks.values import Hole
from img2img.images import Photo
from img2img.images.decode import Samples

from .picking import thing_at

_FARTHEST = 1 << 20
"""A point's distance from the photo that OpenCV's drawing can count with, px."""


def hole_of_shapes(shapes: Sequence[Shape], photo: Photo) -> Hole:
    """What the shapes mark of an upright photo, (H, W), one after the other: those that erase take away.

    A shape may reach beyond the photo. Raises ImageError for a point to pick outside of it.
    """
    hole = np.zeros((photo.height, photo.width), np.uint8)
    for shape in shapes:
        match shape:
            case Box():
                _box(hole, shape)
            case Circle():
                _circle(hole, shape)
            case Polygon():
                _polygon(hole, shape)
            case Stroke():
                _stroke(hole, shape)
            case Pick():
                x, y = _place(shape.corner, shape.x, shape.y, hole)
                hole |= thing_at(photo, math.floor(x), math.floor(y))
    return hole


def grown(hole: Hole, width: float) -> Hole:
    """The hole and all px up to `width` px away from it."""
    return hole if width <= 0 else (distance_to(hole, width) <= width).astype(np.uint8)


def distance_to(hole: Hole, most: float) -> Samples:
    """(H, W) float32: how far each px is from the hole, px, 0 in it; exact up to `most`, beyond that just more."""
    import cv2

    far = np.full(hole.shape, most + 1, np.float32)
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    if len(rows):
        margin = math.ceil(most) + 1
        near = np.s_[
            max(0, rows[0] - margin) : rows[-1] + margin + 1, max(0, columns[0] - margin) : columns[-1] + margin + 1
        ]
        far[near] = cv2.distanceTransform(1 - hole[near], cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return far


def softened(hole: Hole, feather: int) -> Samples:
    """(H, W) float32: 1 in the hole, in the `feather` px around it ever less, 0 beyond."""
    away = distance_to(hole, feather)
    return np.where(away <= feather, 1 - away / (feather + 1), 0)


def _place(corner: Corner, x: Length, y: Length, hole: Hole) -> tuple[float, float]:
    """A point, px from the left and from the top; from the right the last px is 0."""
    height, width = hole.shape
    across, down = x.px(width), y.px(height)
    return (
        width - 1 - across if corner.startswith("right") else across,
        height - 1 - down if corner.endswith("bottom") else down,
    )


def _box(hole: Hole, box: Box) -> None:
    height, width = hole.shape
    left, across = box.x.px(width), box.width.px(width)
    top, down = box.y.px(height), box.height.px(height)
    if box.corner.startswith("right"):
        left = width - left - across
    if box.corner.endswith("bottom"):
        top = height - top - down
    rows = slice(max(0, round(top)), max(0, round(top + down)))
    hole[rows, max(0, round(left)) : max(0, round(left + across))] = not box.erase


def _circle(hole: Hole, circle: Circle) -> None:
    x, y = _place(circle.corner, circle.x, circle.y, hole)
    radius = circle.radius.px(min(hole.shape))
    rows = slice(max(0, math.floor(y - radius)), max(0, math.ceil(y + radius) + 1))
    columns = slice(max(0, math.floor(x - radius)), max(0, math.ceil(x + radius) + 1))
    part = hole[rows, columns]
    down = np.arange(rows.start, rows.start + part.shape[0])[:, None] - y
    across = np.arange(columns.start, columns.start + part.shape[1])[None] - x
    part[down**2 + across**2 <= radius**2] = not circle.erase


def _points(shape: Polygon | Stroke, hole: Hole) -> Samples:
    """(n, 1, 2) int32, as OpenCV wants them."""
    places = [_place(shape.corner, x, y, hole) for x, y in shape.points]
    return np.rint(np.clip(places, -_FARTHEST, _FARTHEST)).astype(np.int32)[:, None]


def _polygon(hole: Hole, polygon: Polygon) -> None:
    import cv2

    cv2.fillPoly(hole, [_points(polygon, hole)], 0 if polygon.erase else 1)


def _stroke(hole: Hole, stroke: Stroke) -> None:
    import cv2

    points, value = _points(stroke, hole), 0 if stroke.erase else 1
    radius = min(stroke.radius.px(min(hole.shape)), 10_000)
    if len(points) > 1:
        cv2.polylines(hole, [points], False, value, thickness=max(1, round(2 * radius)))
    else:
        (x, y), *_ = points[0].tolist()
        cv2.circle(hole, (x, y), max(0, round(radius)), value, cv2.FILLED)
