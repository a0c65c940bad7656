"""Two precisions side by side: what is within chance, and real runs from pictures to the table."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import typer
from PIL import Image
from support.drawing import write_pictures
from support.running import succeeded
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from compare_precisions import main, prepared, rows_of

app = typer.Typer()
app.command()(main)


def test_precisions_may_lie_as_far_apart_as_seeds() -> None:
    fp32 = [{"loss": 1.0, "psnr_rgb": 20.0}, {"loss": 2.0, "psnr_rgb": 20.5}]
    bf16 = [{"loss": 1.5, "psnr_rgb": 19.0}, {"loss": 1.5, "psnr_rgb": 19.5}]
    loss, figure = rows_of("srgan", {"fp32": fp32, "bf16": bf16})
    assert loss == ["srgan", "loss", "1, 2", "1.5, 1.5", "0.5", "1", "within"]
    assert figure[-3:] == ["1", "0.5", "beyond"]


def test_pairs_and_photos_become_small_squares(tmp_path: Path) -> None:
    for part in ("train", "val"):
        write_pictures(tmp_path / "pairs" / part, {"1.png": (64, 128, 3)})
    write_pictures(tmp_path / "photos", {f"{number}.png": (80, 100, 3) for number in range(9)})
    data = prepared(tmp_path / "pairs", tmp_path / "photos", 32, tmp_path / "out")
    assert Image.open(data / "pairs/val/b/1.png").size == (32, 32)
    assert [path.name for path in (data / "photos/val").iterdir()] == ["7.png"]
    assert Image.open(data / "photos/train/1.png").size == (64, 64)


@pytest.mark.slow
def test_a_recipe_is_trained_in_both_and_not_twice(tmp_path: Path) -> None:
    write_pictures(tmp_path / "photos", {f"{number}.png": (80, 100, 3) for number in range(8)})
    options = ["--photos", tmp_path / "photos", "--out", tmp_path / "out", "--recipes", "srgan"]
    options += ["--seeds", 2, "--steps", 50, "--size", 32, "--lpips-weights", tmp_path]
    call = [str(option) for option in options]
    table = succeeded(CliRunner().invoke(app, call, catch_exceptions=False)).stdout
    assert "50 steps, 2 seeds" in table and "| srgan | generator/pixel | " in table and "| srgan | psnr_rgb | " in table
    (log,) = (tmp_path / "out").glob("srgan-bf16-1/log.jsonl")
    before = log.stat().st_mtime_ns
    assert succeeded(CliRunner().invoke(app, call, catch_exceptions=False)).stdout.endswith(table[-400:])
    assert log.stat().st_mtime_ns == before
