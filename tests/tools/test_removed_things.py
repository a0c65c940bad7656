"""The sheet of removed things: each photo beside itself without them; what is missing is said."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from support.upscalers import draw
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import removed_things
from removed_things import GAP, HEIGHT

app = typer.Typer()
app.command()(removed_things.main)


def test_each_photo_beside_itself_without_the_thing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    shapes = {"wide.png": (96, 64, "60,20,20,20"), "high.png": (64, 96, "10,40,20,20")}
    for number, (name, (width, height, _)) in enumerate(shapes.items()):
        Image.fromarray(draw(number, height, width, 3)).save(photos / name)
    told = {name: ["--box", box, "--method", "telea"] for name, (_, _, box) in shapes.items()}
    monkeypatch.setattr(removed_things, "REMOVED", told)
    done = CliRunner().invoke(app, [str(photos), str(tmp_path / "sheet.png")], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    sheet = np.asarray(Image.open(tmp_path / "sheet.png")).astype(int)
    assert sheet.shape == (2 * HEIGHT + GAP, 2 * 360 + GAP, 3)
    before, after = sheet[:HEIGHT, :360], sheet[:HEIGHT, 360 + GAP :]
    changed = np.argwhere(np.abs(before - after).sum(2) > 0)
    times, reach = HEIGHT / 64, 3  # of Lanczos
    assert len(changed)
    assert (changed.min(0) >= ((20 - reach) * times, (60 - reach) * times)).all()
    assert (changed.max(0) <= ((40 + reach) * times, (80 + reach) * times)).all()
    assert (sheet[HEIGHT : HEIGHT + GAP] == 255).all()


def test_missing_photos_are_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(tmp_path), str(tmp_path / "sheet.png")])
    assert done.exit_code == 2
    assert "coffee.png not there" in done.output
    assert not (tmp_path / "sheet.png").exists()


def test_what_no_sheet_can_be_made_of_is_said_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "photo.png").write_bytes(b"no picture")
    monkeypatch.setattr(removed_things, "REMOVED", {"photo.png": ["--box", "1,1,4,4", "--method", "telea"]})
    (tmp_path / "folder.png").mkdir()
    # Pillow reads psd, and does not write it.
    for name in ("sheet.txt", "sheet", "sheet.psd", "folder.png", "nowhere/sheet.png"):
        named = CliRunner().invoke(app, [str(tmp_path), str(tmp_path / name)])
        assert (named.exit_code, name in named.output) == (2, True)
    broken = CliRunner().invoke(app, [str(tmp_path), str(tmp_path / "sheet.png")])
    assert broken.exit_code == 1
    assert isinstance(broken.exception, SystemExit)
    assert not (tmp_path / "sheet.png").exists()
