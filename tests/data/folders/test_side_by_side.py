"""Photos are not cut in halves, pairs are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.drawing import draw

from img2img.config.sections.data import PairedData
from img2img.data.folders.check import check
from img2img.data.folders.find import find_pairs
from img2img.data.folders.side_by_side import seam_of


def errors(folder: Path, **options: object) -> str:
    settings = PairedData(pairs=folder, size=16, **options)  # type: ignore[arg-type]
    return "\n".join(check(find_pairs(settings), settings).errors)


def write(folder: Path, sizes: list[tuple[int, int]], pairs: bool = False) -> Path:
    """Pictures of these (width, height); pairs: of two that have nothing to do with each other."""
    for number, (width, height) in enumerate(sizes):
        if pairs:
            halves = [draw(2 * number + side, height, width // 2) for side in (0, 1)]
            pixels = np.concatenate(halves, axis=1)
        else:
            pixels = draw(number, height, width)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ([(40, 60)] * 3, "taller than wide"),
        ([(64, 48), (48, 64), (60, 60)], "vary"),
        ([(61, 40)] * 3, "odd"),
        ([(60, 40)] * 3, "middle"),
        ([(40, 40)] * 3, "middle"),
        ([(64, 36)] * 3, "middle"),
    ],
)
def test_ordinary_photos_are_refused(sizes: list[tuple[int, int]], said: str, tmp_path: Path) -> None:
    told = errors(write(tmp_path, sizes))
    assert said in told and "--side-by-side" in told and "\n" not in told


def test_whoever_says_so_gets_halves(tmp_path: Path) -> None:
    assert errors(write(tmp_path, [(60, 40)] * 3), side_by_side=True) == ""


@pytest.mark.parametrize("size", [(64, 32), (60, 40), (128, 36), (40, 36)])
def test_pairs_are_taken(size: tuple[int, int], tmp_path: Path) -> None:
    assert errors(write(tmp_path, [size] * 3, pairs=True)) == ""


def test_two_squares_need_no_seam(tmp_path: Path) -> None:
    assert errors(write(tmp_path, [(64, 32)] * 3)) == ""


def test_a_middle_of_one_colour_says_nothing(tmp_path: Path) -> None:
    Image.new("RGB", (60, 40), "white").save(tmp_path / "1.png")
    assert seam_of(tmp_path / "1.png") is None
    assert errors(tmp_path) == ""
