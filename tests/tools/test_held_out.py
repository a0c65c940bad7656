"""The rule by which photos are kept out of training."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from held_out import divide, linked, main

from img2img.config.base import Refusal


def photos(folder: Path, count: int = 17) -> list[Path]:
    made = [folder / "ba"[number % 2] / f"{number:02d}.jpg" for number in range(count)]
    for path in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return made


def test_every_eighth_by_its_name_wherever_it_lies(tmp_path: Path) -> None:
    made = photos(tmp_path)
    train, kept_out = divide(list(reversed(made)))
    assert [path.name for path in kept_out] == ["07.jpg", "15.jpg"] and len(train) == 15
    assert not set(train) & set(kept_out)
    assert divide(made, "0") == (made, [])


def test_a_list_of_names(tmp_path: Path) -> None:
    made, names = photos(tmp_path / "photos"), tmp_path / "names.txt"
    names.write_text("03.jpg\n\n16.jpg\n")
    assert [path.name for path in divide(made, str(names))[1]] == ["03.jpg", "16.jpg"]
    names.write_text("99.jpg\n")
    with pytest.raises(Refusal, match=r"no photo is called 99\.jpg"):
        divide(made, str(names))


@pytest.mark.parametrize("rule", ["1", "-3", "nothing.txt"])
def test_rules_that_do_not_do(rule: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="--hold-out"):
        divide(photos(tmp_path), rule)


def test_links_in_two_folders_and_for_figures(tmp_path: Path) -> None:
    photos(tmp_path / "photos")
    out = linked(tmp_path / "photos", "8", tmp_path / "links")
    assert sorted(path.name for path in (out / "val").rglob("*.jpg")) == ["07.jpg", "15.jpg"]
    assert len(list((out / "train").rglob("*.jpg"))) == 15
    assert linked(tmp_path / "photos", "0", out) == out and not (out / "val").exists(), "made anew"
    app = typer.Typer()
    app.command()(main)
    said = CliRunner().invoke(app, [str(tmp_path / "photos"), "--out", str(tmp_path / "measured")])
    assert said.exit_code == 0 and (tmp_path / "measured/a/07.jpg").is_symlink()
    assert CliRunner().invoke(app, [str(tmp_path / "photos"), "--out", str(tmp_path / "measured")]).exit_code == 2
