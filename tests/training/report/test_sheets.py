"""Sheets: where the pictures stand, that they keep their aspect and their pixels, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest
import torch
from PIL import Image
from torch import Tensor

from img2img.training.report.sheets import GAP, save_sheet, sheet

PAPER = (24, 24, 27)


def flat(n: int, level: float, height: int = 16, width: int = 16, channels: int = 3) -> Tensor:
    return torch.full((n, channels, height, width), level)


def test_one_row_a_sample_and_one_column_a_batch() -> None:
    small = sheet([("a", flat(2, 0.0))], cell=64)
    wide = sheet([("a", flat(2, 0.0)), ("b", flat(2, 0.0)), ("c", flat(2, 0.0))], cell=64)
    tall = sheet([("a", flat(5, 0.0))], cell=64)
    assert small.width == 64 + 2 * GAP
    assert wide.size == (3 * 64 + 4 * GAP, small.height)
    assert tall.size == (small.width, small.height + 3 * (64 + GAP))


def test_each_sample_stands_in_its_own_row() -> None:
    batch = torch.cat([flat(1, -1.0), flat(1, 0.0), flat(1, 1.0)])
    picture = sheet([("a", batch)], cell=64)
    rows = [picture.getpixel((GAP + 32, picture.height - GAP - 32 - row * (64 + GAP))) for row in (2, 1, 0)]
    assert rows == [(0, 0, 0), (128, 128, 128), (255, 255, 255)]


def test_the_caption_is_over_the_pictures_and_the_title_over_the_caption() -> None:
    without = sheet([("zebras", flat(1, 1.0))], cell=128)
    titled = sheet([("zebras", flat(1, 1.0))], title="step 4,000", cell=128)
    head = without.crop((0, 0, without.width, without.height - 128 - GAP))
    assert head.getcolors() != [(head.width * head.height, PAPER)]
    assert titled.height > without.height
    blank = sheet([("", flat(1, 1.0))], cell=128)
    assert blank.crop((0, 0, blank.width, blank.height - 128 - GAP)).getcolors() == [(head.width * head.height, PAPER)]


def test_a_whole_multiple_repeats_pixels_exactly() -> None:
    batch = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    picture = sheet([("a", batch)], cell=64)
    shown = numpy.asarray(picture.crop((GAP, picture.height - GAP - 64, GAP + 64, picture.height - GAP)))
    levels = ((batch[0] + 1) * 127.5).round().permute(1, 2, 0).to(torch.uint8).numpy()
    assert (shown == levels.repeat(4, axis=0).repeat(4, axis=1)).all()


def test_a_picture_of_another_aspect_is_centred_and_not_stretched() -> None:
    picture = sheet([("wide", flat(1, 1.0, 16, 32)), ("tall", flat(1, 1.0, 32, 16))], cell=64)
    top = picture.height - GAP - 64
    white = numpy.asarray(picture.crop((0, top, picture.width, top + 64))).min(axis=2) == 255
    first, second = white[:, GAP : GAP + 64], white[:, 2 * GAP + 64 : 2 * GAP + 128]
    assert first.sum() == second.sum() == 64 * 32
    assert first[16:48].all() and second[:, 16:48].all()


def test_columns_of_one_aspect_leave_no_border() -> None:
    picture = sheet([("low", flat(1, 0.0, 8, 16)), ("high", flat(1, 0.0, 32, 64))], cell=64)
    assert picture.width == 2 * 64 + 3 * GAP
    assert picture.height == sheet([("a", flat(1, 0.0))], cell=64).height - 32


def test_the_default_cell_doubles_small_pictures_and_caps_large_ones() -> None:
    assert sheet([("a", flat(1, 0.0, 28, 28))]).width == 28 * 8 + 2 * GAP
    assert sheet([("a", flat(1, 0.0, 256, 256))]).width == 256 + 2 * GAP
    assert sheet([("a", flat(1, 0.0, 600, 600))]).width == 512 + 2 * GAP


def test_grey_and_what_is_beyond_the_range() -> None:
    grey = flat(1, 0.5, channels=1)
    beyond = flat(1, 7.0)
    lost = flat(1, float("nan"))
    picture = sheet([("g", grey), ("b", beyond), ("l", lost)], cell=64)
    shown = [picture.getpixel((GAP + 32 + index * (64 + GAP), picture.height - GAP - 32)) for index in range(3)]
    assert shown == [(191, 191, 191), (255, 255, 255), (0, 0, 0)]


def test_a_caption_stays_over_its_own_column() -> None:
    names = ["an exceedingly long caption → that cannot fit", ""]
    picture = sheet([(name, flat(1, 1.0)) for name in names], cell=64)
    right = picture.crop((2 * GAP + 64, 0, picture.width, picture.height - GAP - 64))
    assert right.getcolors() == [(right.width * right.height, PAPER)]


def test_letters_that_the_font_lacks_are_spelled_otherwise() -> None:
    accents = sheet([("Zürich → é", flat(1, 0.0, 128, 128))])
    plain = sheet([("Zurich » e", flat(1, 0.0, 128, 128))])
    assert accents.tobytes() == plain.tobytes()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([], "at least one column"),
        ([("a", flat(1, 0.0)), ("b", flat(2, 0.0))], "different lengths: {'a': 1, 'b': 2}"),
        ([("a", flat(1, 0.0, channels=4))], r"column 'a' is \(1, 4, 16, 16\)"),
        ([("a", torch.zeros(3, 16, 16))], r"column 'a' is \(3, 16, 16\)"),
        ([("a", flat(0, 0.0))], r"column 'a' is \(0, 3, 16, 16\)"),
    ],
)
def test_what_is_no_table_is_refused(columns: list[tuple[str, Tensor]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sheet(columns)


@pytest.mark.parametrize(("suffix", "kind"), [(".png", "PNG"), (".jpg", "JPEG"), (".JPEG", "JPEG")])
def test_a_sheet_is_saved_by_its_suffix(tmp_path: Path, suffix: str, kind: str) -> None:
    drawn = sheet([("a", flat(1, 0.0))])
    target = tmp_path / "samples" / f"0000100{suffix}"
    save_sheet(drawn, target)
    with Image.open(target) as read:
        assert (read.format, read.size) == (kind, drawn.size)
    assert list(target.parent.iterdir()) == [target]


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"0000100\.gif: a sheet is a \.png"):
        save_sheet(sheet([("a", flat(1, 0.0))]), tmp_path / "0000100.gif")
