"""On a device of its own the network goes on while the host waits, and it waits once a tile and once a band."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import support

TESTS = Path(support.__file__).parents[1]


def test_a_photo_on_a_device_waits_once_a_tile_and_once_a_band() -> None:
    path = os.pathsep.join([str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "support.applying_on_accelerator"],
        env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    for found in json.loads(done.stdout):
        assert found["difference"] == 0
        assert found["tiles"] > 9 and found["bands"] > 2
        assert found["ahead"] == found["tiles"] - 1, "the next tile is under way when one is waited for"
        (line,) = found["waits"]
        assert line.startswith("copy at apply/engine/arrival.py:")
        assert sum(found["waits"].values()) == found["tiles"] + found["bands"]
