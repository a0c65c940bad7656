"""On a device of its own nothing is mixed with the CPU's tensors, and a step waits for the device once a player."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import support

TESTS = Path(support.__file__).parents[1]


@pytest.fixture(scope="module")
def waits(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Of a steady step of each case; in a process of its own, which the accelerator changes for good."""
    found = tmp_path_factory.mktemp("accelerator") / "waits.json"
    path = os.pathsep.join([str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "support.on_accelerator", str(found)],
        env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "IMG2IMG_HOME": str(found.parent / "home")},
        stderr=subprocess.PIPE,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    cases: dict[str, list[str]] = json.loads(found.read_text())
    return cases


@pytest.mark.slow
def test_a_step_waits_for_the_device_once_a_player(waits: dict[str, list[str]]) -> None:
    """Where the player asks whether its loss is finite. A player who is idle does not ask."""
    assert len(waits) > 20
    idle = {"srgan, pixels", "inpaint, pixels", "vae"}
    for case, found in waits.items():
        (only,) = found
        times, what = only.split(" x ")
        assert what.startswith("copy at training/step/player.py:"), found
        assert int(times) == (1 if case in idle else 2), (case, found)
