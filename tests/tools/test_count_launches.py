"""Launches are counted as the model says, and do not grow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from count_launches import ROWS, Launches

TOOL = Path(__file__).parents[2] / "tools" / "count_launches.py"

MOST = {
    "cyclegan": {"bf16": 1981, "fp32": 1693},
    "pix2pix": {"bf16": 379, "fp32": 314},
    "srgan, pixels": {"bf16": 606, "fp32": 413},
    "srgan, critic": {"bf16": 1268, "fp32": 852},
    "inpaint, pixels": {"bf16": 853, "fp32": 709},
}
"""As counted with torch 2.14 at batch size 1; bf16 is a GPU's default."""
ADAPTIVE = 240
"""What adaptive augmentation adds to a step of cyclegan."""


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, int]]:
    """By step and precision; in a process of its own, which the pretended accelerator changes for good."""
    found = tmp_path_factory.mktemp("launches") / "launches.json"
    path = os.pathsep.join([str(TOOL.parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(TOOL), "--json", str(found)],
        env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    launches: dict[str, dict[str, int]] = json.loads(found.read_text())
    return launches


def test_views_cost_nothing_and_a_bias_costs_a_launch() -> None:
    image, weight, bias = torch.rand(1, 2, 8, 8), torch.rand(3, 2, 3, 3), torch.rand(3)
    with Launches() as found:
        image.view(2, 64)[1:].T.unsqueeze(0)
        torch.empty(3)
    assert found.total == 0
    for given, launches in ((None, 1), (bias, 2)):
        with Launches() as found:
            torch.nn.functional.conv2d(image, weight, given)
        assert found.total == launches
    with Launches() as found:
        torch._foreach_add_([torch.zeros(1) for _ in range(33)], 1.0)
    assert found.counted["_foreach_add_"] == 2


def test_mixed_memory_layouts_cost_a_copy() -> None:
    image, weight = torch.rand(1, 2, 8, 8), torch.rand(3, 2, 3, 3).contiguous(memory_format=torch.channels_last)
    with Launches() as found:
        torch.nn.functional.conv2d(image, weight)
    assert found.total == 2
    with Launches() as found:
        padded = torch.nn.functional.pad(image.contiguous(memory_format=torch.channels_last), (1,) * 4, "reflect")
    assert found.total == 3 and padded.is_contiguous()


@pytest.mark.slow
def test_steps_launch_no_more_than_they_did(counted: dict[str, dict[str, int]]) -> None:
    assert set(counted) == set(ROWS)
    for name, most in MOST.items():
        for precision, launches in counted[name].items():
            assert 0 < launches <= most[precision], (name, precision)


@pytest.mark.slow
def test_adaptive_augmentation_adds_few_launches(counted: dict[str, dict[str, int]]) -> None:
    for precision, launches in counted["cyclegan, adaptive"].items():
        assert 0 < launches - counted["cyclegan"][precision] <= ADAPTIVE
