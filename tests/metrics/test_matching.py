from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from img2img.config.base import Refusal
from img2img.images import ImageError
from img2img.metrics.matching import first_few, match, require_sizes


def draw(path: Path, size: tuple[int, int] = (8, 6)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size).save(path)


def test_partners_have_the_same_path_but_for_the_ending(tmp_path: Path) -> None:
    for name in ("truth/b.png", "truth/in/a.png", "made/b.jpg", "made/in/a.webp", "made/c.png"):
        draw(tmp_path / name)
    pairs, extra = match(tmp_path / "truth", tmp_path / "made", "--images")
    assert [(pair.name, pair.other.name) for pair in pairs if pair.other] == [("b", "b.jpg"), ("in/a", "a.webp")]
    assert extra == ["c"]
    alone, none = match(tmp_path / "truth", None, "--low")
    assert [pair.other for pair in alone] == [None, None] and none == []


def test_references_without_a_partner_are_named(tmp_path: Path) -> None:
    for name in ("truth/1.png", "truth/2.png", "truth/3.png", "made/2.png"):
        draw(tmp_path / name)
    with pytest.raises(Refusal, match="2 of 3 references have no partner there: 1, 3"):
        match(tmp_path / "truth", tmp_path / "made", "--images")


def test_one_name_twice_is_refused(tmp_path: Path) -> None:
    for name in ("truth/1.png", "truth/1.jpg"):
        draw(tmp_path / name)
    with pytest.raises(ImageError, match=r"1\.jpg and .*1\.png have the same name"):
        match(tmp_path / "truth", None, "--low")


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=f"--reference {tmp_path}: no images there"):
        match(tmp_path, None, "--low")


@pytest.mark.parametrize(
    ("size", "factor", "fits"),
    [
        ((33, 22), 1, True),  # as large as the reference
        ((32, 20), 1, True),  # as what remains of it at a scale of 4
        ((8, 5), 4, True),
        ((33, 21), 1, False),
        ((9, 6), 4, False),
    ],
)
def test_sizes(tmp_path: Path, size: tuple[int, int], factor: int, fits: bool) -> None:
    draw(tmp_path / "truth/1.png", (33, 22))
    draw(tmp_path / "made/1.png", size)
    pairs, _ = match(tmp_path / "truth", tmp_path / "made", "--images")
    if fits:
        require_sizes(pairs, multiple_of=4, factor=factor)
        return
    with pytest.raises(Refusal, match=rf"1\.png is {size[0]}x{size[1]}, must be (8x5|32x20 or 33x22)"):
        require_sizes(pairs, multiple_of=4, factor=factor)


def test_long_lists_are_counted() -> None:
    assert first_few([str(number) for number in range(8)]) == "0, 1, 2, 3, 4 and 3 more"
