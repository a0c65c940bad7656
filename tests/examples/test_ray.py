"""The example for many computers, on one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from support.drawing import draw
from support.upscalers import write_weights

pytest.importorskip("ray", reason="Ray is not installed: pip install 'img2img-gan[ray]'")
EXAMPLE = Path(__file__).parents[2] / "examples/convert_folder_ray.py"


def test_the_workers_share_a_folder_and_a_second_run_skips_it(tmp_path: Path) -> None:
    (tmp_path / "in/deep").mkdir(parents=True)
    names = [f"{number}.png" for number in range(5)] + ["deep/5.png"]
    for number, name in enumerate(names):
        Image.fromarray(draw(number, 9, 11, 3)).save(tmp_path / "in" / name)
    weights = write_weights(tmp_path / "w.safetensors")
    command = [sys.executable, EXAMPLE, tmp_path / "in", tmp_path / "out", "--model", weights, "--workers", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(tmp_path / "out" / name) for name in names]
    times = {name: (tmp_path / "out" / name).stat().st_mtime_ns for name in names}
    (tmp_path / "in/text.jpg").write_text("no photo")
    again = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert again.returncode == 1 and "text.jpg" in again.stdout
    assert {name: (tmp_path / "out" / name).stat().st_mtime_ns for name in names} == times
