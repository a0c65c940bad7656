from __future__ import annotations

import numpy as np
import pytest
from support.data_drawing import Draw

from img2img.config.sections.data import Shape
from img2img.data.folders.find import Picture
from img2img.data.loading.rows import Fit, Rows, fitted, resized
from img2img.images import ImageError, probe

SQUARE, WIDE = (32, 32), (32, 64)


@pytest.mark.parametrize(
    ("height", "width", "wanted", "fit", "shape"),
    [
        (100, 50, SQUARE, "cover", (64, 32)),
        (50, 100, SQUARE, "cover", (32, 64)),
        (10, 33, SQUARE, "cover", (32, 106)),
        (32, 32, SQUARE, "cover", (32, 32)),
        (100, 50, SQUARE, "stretch", (32, 32)),
        (100, 50, SQUARE, "crop", (100, 50)),
        (32, 40, SQUARE, "crop", (32, 40)),
        (16, 20, SQUARE, "crop", (32, 40)),
        (100, 50, WIDE, "cover", (128, 64)),
        (50, 100, WIDE, "cover", (32, 64)),
        (64, 256, WIDE, "cover", (32, 128)),
        (100, 50, WIDE, "stretch", (32, 64)),
        (40, 70, WIDE, "crop", (40, 70)),
        (40, 32, WIDE, "crop", (80, 64)),
    ],
)
def test_fitted(height: int, width: int, wanted: Shape, fit: Fit, shape: Shape) -> None:
    assert fitted(height, width, wanted, fit) == shape


@pytest.mark.parametrize("channels", [1, 3])
def test_shrinking_averages_areas(channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 65536, (8, 12, channels), np.uint16)
    means = pixels.reshape(4, 2, 6, 2, channels).mean(axis=(1, 3))
    assert np.abs(resized(pixels, (4, 6)).astype(float) - means).max() <= 0.5 + 1e-3


def test_growing_keeps_a_flat_picture_flat() -> None:
    grown = resized(np.full((4, 5, 3), 77, np.uint8), (40, 50))
    assert grown.shape == (40, 50, 3)
    assert set(grown.ravel()) == {77}


def test_halves_of_one_file(draw: Draw) -> None:
    file = draw("1.png", (64, 32))
    columns = {"a": (Picture(file, "left"),), "b": (Picture(file, "right"),)}
    row = Rows(columns, {"a": 3, "b": 3}, (32, 32), "cover")[0]
    whole = Rows({"a": (Picture(file),)}, {"a": 3}, (32, 32), "cover")[0]["a"]
    assert row["a"].shape == (3, 32, 32)
    assert np.array_equal(np.concatenate([row["a"], row["b"]], axis=2), whole)


def test_sides_of_one_row_have_one_size(draw: Draw) -> None:
    columns = {"a": (Picture(draw("a.png", (100, 60))),), "b": (Picture(draw("b.png", (301, 180))),)}
    row = Rows(columns, {"a": 3, "b": 1}, (32, 32), "cover")[0]
    assert row["a"].shape[1:] == row["b"].shape[1:] == (32, 53)


def test_deep_pictures_stay_deep_and_grey(draw: Draw) -> None:
    file = draw("1.png", (32, 32), "I;16", value=40000)
    row = Rows({"a": (Picture(file),)}, {"a": 1}, (16, 16), "cover")[0]["a"]
    assert row.dtype == np.uint16
    assert row.shape == (1, 16, 16)
    assert set(row.ravel()) == {40000}


def test_kept_rows_are_read_once(draw: Draw) -> None:
    file = draw("1.png")
    rows = Rows({"a": (Picture(file),)}, {"a": 3}, (32, 32), "cover")
    kept = rows.keeping(True)
    first = kept[0]
    file.unlink()
    assert kept[0] is first
    assert kept.keeping(True) is kept
    with pytest.raises(ImageError, match=r"1\.png"):
        rows[0]


@pytest.mark.parametrize("fit", ["cover", "stretch"])
def test_bytes_in_memory_are_those_of_the_arrays(draw: Draw, fit: Fit) -> None:
    wide, deep = draw("1.png", (90, 40)), draw("2.png", (33, 47), "I;16")
    rows = Rows({"a": (Picture(wide), Picture(deep))}, {"a": 1}, (32, 32), fit)
    expected = sum(rows[row]["a"].nbytes for row in range(2))
    assert rows.bytes_in_memory({file: probe(file) for file in (wide, deep)}) == expected
