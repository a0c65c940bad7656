"""What a folder holds besides photos is said to people and to scripts, and fails alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

from PIL import Image
from support.drawing import draw
from support.running import img2img
from support.upscalers import write_weights


def test_a_batch_says_what_it_left_out(tmp_path: Path) -> None:
    weights, photos = write_weights(tmp_path / "x2.safetensors"), tmp_path / "photos"
    photos.mkdir()
    Image.fromarray(draw(1, 8, 8)).save(photos / "a.png")
    (photos / "b.jxl").touch()
    os.mkfifo(photos / "pipe.jpg")
    result = img2img("upscale", photos, "--model", weights, "-o", tmp_path / "out", "--json", "--device", "cpu")
    assert result.exit_code == 1
    left_out, failed, written = map(json.loads, result.stdout.splitlines())
    assert left_out == {"source": str(photos), "state": "left out", "endings": {".jxl": 1}}
    assert failed["state"] == "failed" and "is a pipe" in failed["error"]
    assert written["state"] == "written"
    assert f"{photos}: left out: 1 .jxl" in result.stderr
    assert "1 more could not be looked into" in result.stderr


def test_evaluate_says_it_alike(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        Image.fromarray(draw(1, 32, 32)).save(tmp_path / name)
    (tmp_path / "c.psd").touch()
    given = ["--reference", tmp_path, "--images", tmp_path, "--lpips", "none", "--device", "cpu"]
    result = img2img("evaluate", "sr", *given, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["left_out"] == [f"{tmp_path}: left out: 1 .psd"]
    assert found["mean"]["psnr_y"] == "Infinity"
    assert "left out: 1 .psd" in result.stderr
