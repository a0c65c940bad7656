"""Names that are one name, and names that are not."""

from __future__ import annotations

import os
from pathlib import Path

from img2img.images import by_name
from img2img.images.names import name_below, partners

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


def names(*texts: str) -> dict[Path, Path]:
    return by_name(Path("d"), [Path("d", text) for text in texts])


def test_composed_and_decomposed_letters_are_one_name() -> None:
    found = partners([name_below(Path(f"{COMPOSED}.jpg"))], names(f"{DECOMPOSED}.png"))
    assert list(found.values()) == [Path("d", f"{DECOMPOSED}.png")]


def test_capitals_do_not_matter_where_nothing_else_is_called_so() -> None:
    assert partners([Path("IMG_1")], names("img_1.png")) == {Path("IMG_1"): Path("d/img_1.png")}
    assert partners([Path("IMG_1"), Path("img_1")], names("img_1.png")) == {Path("img_1"): Path("d/img_1.png")}
    assert partners([Path("Img_1")], names("img_1.png", "IMG_1.png")) == {}


def test_names_of_any_bytes_stay_apart() -> None:
    latin = [os.fsdecode(b"caf" + bytes([letter])) for letter in (0xE8, 0xE9)]
    found = names(*(f"{name}.png" for name in latin))
    assert len(found) == 2
    assert partners([Path(latin[1])], found) == {Path(latin[1]): Path("d", f"{latin[1]}.png")}
