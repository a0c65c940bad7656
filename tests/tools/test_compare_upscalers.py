"""The comparison on degraded photos: seeded damage, the busiest window, figures and a sheet."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch
import typer
from PIL import Image
from support.drawing import write_pictures
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from compare_upscalers import busiest, degraded, main

app = typer.Typer()
app.command()(main)


@pytest.fixture
def large_photos(tmp_path: Path) -> Path:
    return write_pictures(tmp_path / "photos", {"0.png": (70, 83, 3), "1.png": (64, 64, 3)})


def test_the_damage_follows_from_the_seed_and_the_place(large_photos: Path) -> None:
    one, two, other = (list(degraded(large_photos, 66, 4, seed)) for seed in (0, 0, 9))
    assert [photo.high.shape for photo in one] == [(3, 64, 64), (3, 64, 64)]
    assert [photo.low.shape for photo in one] == [(3, 16, 16), (3, 16, 16)]
    assert all(torch.equal(a.low, b.low) for a, b in zip(one, two, strict=True))
    assert not any(torch.equal(a.low, b.low) for a, b in zip(one, other, strict=True))


def test_the_busiest_window_holds_the_detail() -> None:
    high = torch.zeros(3, 64, 64)
    high[:, 36:44, 20:28] = torch.rand(3, 8, 8)
    top, left = busiest(high, 16, 4)
    assert top <= 36 and top + 16 >= 44 and left <= 20 and left + 16 >= 28


def test_figures_and_a_sheet(large_photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMG2IMG_LPIPS", raising=False)
    arguments = [str(large_photos), "--window", "16", "--cell", "32", "--sheet", str(tmp_path / "sheet.png"), "--json"]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    found = json.loads(done.stdout)
    assert done.exit_code == 0 and found["photos"] == 2 and "photo degradation, seed 0" in found["protocol"]
    assert 5 < found["mean"]["bicubic"]["psnr_y"] < 60
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 3 * 32 and sheet.height > 2 * 32  # low, bicubic, original; two photos
    (tmp_path / "none").mkdir()
    refused = CliRunner().invoke(app, [str(tmp_path / "none")])
    assert refused.exit_code == 2 and "no photos there" in refused.output
