"""Shapes become the hole that one would paint by them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from img2img.apply.inpaint.marking import distance_to, grown, hole_of_shapes
from img2img.config.shapes import Length, Pick, Shape, Stroke, parse_box, parse_circle, parse_pick, parse_polygon
from img2img.images import ImageError, Photo
from img2img.images.samples import to_planes

HEIGHT, WIDTH = 40, 50


def marked(*shapes: Shape, samples: np.ndarray | None = None) -> np.ndarray:
    planes = torch.zeros(3, HEIGHT, WIDTH, dtype=torch.uint8) if samples is None else to_planes(samples)
    return hole_of_shapes(shapes, Photo(planes))


def boxed(top: int, bottom: int, left: int, right: int) -> np.ndarray:
    hole = np.zeros((HEIGHT, WIDTH), np.uint8)
    hole[top:bottom, left:right] = 1
    return hole


def px(value: float) -> Length:
    return Length(value=value)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("10,5,20,8", (5, 13, 10, 30)),
        ("20%,50%,10%,25%", (20, 30, 10, 15)),
        ("right-bottom,2,3,10,5", (32, 37, 38, 48)),
        ("bottom-right: 2,3,10,5", (32, 37, 38, 48)),
        ("right-top,0,0,10%,5", (0, 5, 45, 50)),
        ("left-bottom,1,0,4,100%", (0, 40, 1, 5)),
        ("-5,-5,10,10", (0, 5, 0, 5)),
        ("45,35,100,100", (35, 40, 45, 50)),
    ],
)
def test_boxes_from_every_corner(text: str, place: tuple[int, int, int, int]) -> None:
    assert np.array_equal(marked(parse_box(text)), boxed(*place))


def test_a_circle_holds_what_is_within_its_radius() -> None:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    for text, (left, top, radius) in {"20,15,7": (20, 15, 7), "50%,50%,10%": (25, 20, 4), "0,0,5": (0, 0, 5)}.items():
        expected = (x - left) ** 2 + (y - top) ** 2 <= radius**2
        assert np.array_equal(marked(parse_circle(text)), expected), text
    assert marked(parse_circle("right-bottom,0,0,0"))[-1, -1] == 1


def test_a_polygon_and_one_beyond_the_photo() -> None:
    assert np.array_equal(marked(parse_polygon("10,5 29,5 29,12 10,12")), boxed(5, 13, 10, 30))
    assert marked(parse_polygon("-900,-900; 900,-900; 900,900; -900,900")).all()
    half = marked(parse_polygon("0,0 100%,0 0,100%")).mean()
    assert 0.48 < half < 0.56


def test_strokes_are_painted_and_erased_in_their_order() -> None:
    line = Stroke(points=((px(10), px(20)), (px(40), px(20))), radius=px(3))
    hole = marked(line)
    assert hole[20, 10:41].all() and hole[17:24, 25].all() and not hole[:16].any() and not hole[25:].any()
    dot = Stroke(points=((px(25), px(20)),), radius=px(4), erase=True)
    assert marked(line, dot)[20, 25] == 0 and marked(dot, line)[20, 25] == 1
    assert marked(parse_box("0,0,9,9"), parse_box("0,0,9,9").model_copy(update={"erase": True})).sum() == 0


def test_what_is_picked_is_the_thing_with_what_is_in_it() -> None:
    samples = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    samples[10:30, 15:35] = (200, 60, 60)
    samples[18:22, 22:28] = 250
    hole = marked(parse_pick("17,12"), samples=samples)
    assert hole[10:30, 15:35].all(), "the whole of it, what it surrounds included"
    assert not (hole & (1 - boxed(8, 32, 13, 37))).any(), "and no more than its rim"
    with pytest.raises(ImageError, match="--pick 50,3: outside of the photo, 50 x 40 px"):
        marked(Pick(x=px(50), y=px(3)))


def test_a_large_photo_is_picked_from_at_its_own_size() -> None:
    samples = np.full((1200, 1600, 3), 90, np.uint8)
    samples[400:800, 600:1000] = (20, 160, 220)
    hole = hole_of_shapes([parse_pick("800,600")], Photo(to_planes(samples)))
    wanted = np.zeros((1200, 1600), np.uint8)
    wanted[400:800, 600:1000] = 1
    assert (hole >= wanted).all() and hole.sum() < 1.1 * wanted.sum()


def test_growing_is_by_distance() -> None:
    hole = boxed(20, 21, 25, 26)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    away = np.hypot(y - 20, x - 25)
    assert np.array_equal(grown(hole, 6), away <= 6) and np.array_equal(grown(hole, 0), hole)
    found = distance_to(hole, 9)
    assert np.abs(found - away)[away <= 9].max() < 1e-3 and (found[away > 9] > 9).all()


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_box, "1,2,3"),
        (parse_box, "1,2,0,4"),
        (parse_box, "1,2,three,4"),
        (parse_box, "top-bottom,1,2,3,4"),
        (parse_box, "1,2,3,4,5"),
        (parse_circle, "1,2,-3"),
        (parse_circle, "nan,1,1"),
        (parse_polygon, "1,1 2,2"),
        (parse_polygon, ""),
        (parse_polygon, "1,1 2,2 3"),
        (parse_pick, "1e3,2"),
        (parse_pick, "99999999999,2"),
    ],
)
def test_what_is_no_shape_says_how_one_is_written(parse, text) -> None:
    with pytest.raises(ValueError, match=r"write .*such as"):
        parse(text)
