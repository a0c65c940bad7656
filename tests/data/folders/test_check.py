from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console
from support.data_drawing import Draw

from img2img.config.sections.data import ImageData, ImagesData, PairedData, UnpairedData
from img2img.data.folders.check import check, same_aspect
from img2img.data.folders.errors import DataError
from img2img.data.folders.find import find_domains, find_images, find_pairs
from img2img.data.folders.summary import DataSummary, raise_for_errors, table


def summed(options: PairedData | UnpairedData, decode: bool = True) -> DataSummary:
    found = find_pairs(options) if isinstance(options, PairedData) else find_domains(options)
    return check(found, options, decode)


def text(summary: DataSummary) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(table(summary))
    return captured.get()


@pytest.fixture
def unpaired(tmp_path: Path, draw: Draw) -> UnpairedData:
    draw("a/1.png", (20, 40))
    draw("a/2.png", (64, 64), "L")
    draw("a/3.png", (50, 60), "RGBA")
    draw("a/val/4.png", (100, 90))
    draw("b/1.png", (64, 64), "L")
    draw("b/2.png", (64, 64), "I;16")
    return UnpairedData(a=tmp_path / "a", b=tmp_path / "b", size=32)


def test_numbers_of_a_domain(unpaired: UnpairedData) -> None:
    summary = summed(unpaired)
    a, b = summary.sides["a"], summary.sides["b"]
    assert (a.train, a.val, b.train, b.val) == (3, 1, 2, 0)
    assert (a.smallest, a.median, a.largest) == ((20, 40), (64, 64), (100, 90))
    assert a.modes == {"RGB": 2, "L": 1, "RGBA": 1}
    assert (a.alpha, a.deep, b.alpha, b.deep) == (1, 0, 0, 1)
    assert (a.small, b.small) == (1, 0)
    assert (a.channels, b.channels) == (3, 1)
    assert summary.errors == ()
    assert summary.warnings == ("a: pictures smaller than 32 px, to be enlarged: 1",)
    raise_for_errors(summary)


def test_channels_can_be_told(unpaired: UnpairedData) -> None:
    for channels in ("1", "3"):
        sides = summed(unpaired.model_copy(update={"channels": channels})).sides
        assert [side.channels for side in sides.values()] == [int(channels)] * 2


def test_the_table_says_it_all(unpaired: UnpairedData) -> None:
    shown = text(summed(unpaired))
    for part in (
        "to train on",
        "20x40",
        "RGB 2, L 1, RGBA 1",
        "grey, 16 bit",
        "warning: a: pictures smaller than 32 px",
    ):
        assert part in shown


def test_unreadable_files_are_named(tmp_path: Path, draw: Draw, unpaired: UnpairedData) -> None:
    (tmp_path / "a" / "text.jpg").write_text("no picture")
    cut = draw("b/cut.jpg", (64, 64))
    cut.write_bytes(cut.read_bytes()[:-400])
    summary = summed(unpaired)
    with pytest.raises(DataError) as caught:
        raise_for_errors(summary)
    first, second = str(caught.value).splitlines()
    assert str(tmp_path / "a" / "text.jpg") in first
    assert str(cut) in second
    assert str(cut) not in text(summary), "it is said once, by the error"
    assert summary.sides["a"].train == 3
    headers_only = summed(unpaired, decode=False)
    assert [str(cut) in line for line in headers_only.errors] == [False]


def test_progress_is_told(unpaired: UnpairedData) -> None:
    ticks: list[tuple[int, int]] = []
    check(find_domains(unpaired), unpaired, tick=lambda done, total: ticks.append((done, total)))
    assert ticks == [(done, 6) for done in range(1, 7)]


def test_a_domain_of_one_image_is_refused_and_a_single_pair_is_not(tmp_path: Path, draw: Draw) -> None:
    draw("a/1.png", (32, 32))
    draw("b/1.png", (32, 32))
    draw("b/2.png", (32, 32))
    (line,) = summed(UnpairedData(a=tmp_path / "a", b=tmp_path / "b", size=32)).errors
    assert line == "a: readable pictures to train on: 1 of 1, at least 2 needed"
    (tmp_path / "b" / "2.png").unlink()
    pairs = summed(PairedData(pairs=tmp_path, size=32))
    assert pairs.errors == ()
    assert len([line for line in pairs.warnings if "single picture" in line]) == 2


def test_a_domain_without_a_readable_image_is_refused(tmp_path: Path, draw: Draw, unpaired: UnpairedData) -> None:
    for file in (tmp_path / "b").iterdir():
        file.write_bytes(b"")
    summary = summed(unpaired)
    assert "b: readable pictures to train on: 0 of 2, at least 2 needed" in summary.errors
    assert list(summary.sides) == ["a"]


def test_files_without_a_partner_are_listed_up_to_ten(tmp_path: Path, draw: Draw) -> None:
    for number in range(13):
        draw(f"x/{number:02}.png")
    draw("y/00.png")
    (line,) = summed(PairedData(pairs=tmp_path)).errors
    assert line.startswith("files without a partner of the same name in the other folder: 12: ")
    assert "01.png" in line
    assert "10.png" in line
    assert "11.png" not in line
    assert line.endswith("and 2 more")


def test_pictures_of_one_pixel_are_refused(tmp_path: Path, draw: Draw, unpaired: UnpairedData) -> None:
    dot = draw("a/dot.png", (1, 1))
    (line,) = summed(unpaired).errors
    assert line == f"{dot} is 1x1: a picture to train on has at least 2x2 pixels"


def test_side_by_side_needs_an_even_width(tmp_path: Path, draw: Draw) -> None:
    draw("1.png", (64, 32))
    odd = draw("2.png", (63, 32))
    (line,) = summed(PairedData(pairs=tmp_path, size=16)).errors
    assert line.startswith(f"{odd} is 63x32")


def test_sizes_of_side_by_side_are_those_of_the_halves(tmp_path: Path, draw: Draw) -> None:
    draw("1.png", (64, 32))
    draw("2.png", (64, 32))
    summary = summed(PairedData(pairs=tmp_path, size=32))
    assert summary.sides["b"].largest == (32, 32)
    assert summary.warnings == ()


def test_pairs_of_another_shape_need_stretch(tmp_path: Path, draw: Draw) -> None:
    for name, size in (("x/1.png", (40, 40)), ("y/1.png", (40, 30)), ("x/2.png", (40, 20)), ("y/2.png", (80, 40))):
        draw(name, size)
    options = PairedData(pairs=tmp_path, size=16)
    cover = summed(options)
    (line,) = cover.errors
    assert "1.png 40x40" in line
    assert "40x30" in line
    assert "2.png" not in line
    assert cover.warnings == ("pairs whose sides differ in size, to be resized to the same: 1",)
    stretch = summed(options.model_copy(update={"fit": "stretch"}))
    assert stretch.errors == ()
    assert len(stretch.warnings) == 2


def test_same_aspect_within_a_hundredth() -> None:
    assert same_aspect((200, 100), (401, 200))
    assert not same_aspect((100, 100), (102, 100))


def test_pictures_both_in_training_and_validation_are_told(tmp_path: Path, draw: Draw, unpaired: UnpairedData) -> None:
    copy = tmp_path / "a" / "val" / "copy.png"
    copy.write_bytes((tmp_path / "a" / "2.png").read_bytes())
    warning = summed(unpaired).warnings[-1]
    assert warning == f"a: pictures both in training and in validation: 1: {tmp_path / 'a' / '2.png'} = {copy}"


def test_options_without_a_kind_are_enough(unpaired: UnpairedData) -> None:
    assert check(find_domains(unpaired), ImageData(size=64)).size == 64


def test_one_picture_is_enough_for_a_set_of_its_own(tmp_path: Path, draw: Draw) -> None:
    draw("photos/1.png", (20, 40))
    options = ImagesData(images=tmp_path / "photos", size=32)
    summary = check(find_images(options), options)
    assert (summary.sides["high"].name, summary.sides["high"].train, summary.errors) == ("photos", 1, ())
    assert [line.partition(":")[0] for line in summary.warnings] == ["photos", "photos"]  # single, and small


def test_a_set_without_a_readable_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"broken")
    options = ImagesData(images=tmp_path)
    errors = check(find_images(options), options).errors
    assert "1.png" in errors[0]
    assert "at least 1 needed" in errors[1]
