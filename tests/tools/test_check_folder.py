"""The check of a folder of photos: it tells what is wrong. Its kills are for real networks, which take their time."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.upscalers import write_weights

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from check_folder import Check, look_at_results, run
from photos_of_every_kind import make_photos


def test_photos_follow_from_the_seed(tmp_path: Path) -> None:
    one, two = (make_photos(tmp_path / name, 12, np.random.default_rng(4)) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_a_result_that_is_wrong_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = write_weights(tmp_path / "w.safetensors", scale=4)
    command = [sys.executable, "-m", "img2img", "upscale", str(tmp_path / "in"), "--json", "--model", str(weights)]
    command += ["--device", "cpu", "-o", str(tmp_path / "out")]
    check = Check(make_photos(tmp_path / "in", 2, np.random.default_rng(0)), tmp_path / "out", command, kills=1)
    first = run(check)
    assert first.code == 0, first.said
    spoilt = min(first.paths("written"))
    Image.new("RGB", (8, 8)).save(spoilt)
    for report in first.reports:
        report["state"] = "skipped"
    check.results = check.files()
    check.hashes = dict.fromkeys(check.sources, "")
    look_at_results(check, first)
    told = capsys.readouterr().err
    assert check.faults and spoilt.name in told and "(8, 8), not 4 times" in told
