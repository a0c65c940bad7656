"""Folders are made, and a file that is in the way is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from img2img.disk.folders import make_folder


def test_folders_are_made_with_those_above_them_and_may_be_there(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("below", [".", "x", "x/y"])
def test_a_file_in_the_way_is_named(below: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError) as raised:
        make_folder(tmp_path / "file" / below)
    assert raised.value.filename == str(tmp_path / "file") and raised.value.strerror == "is a file, not a folder"
