"""Launches are counted as the model says, and do not grow."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from count_launches import ROWS, Launches, counted

MOST = {"inpaint, pixels": 966, "pix2pix": 349}
"""As counted with torch 2.14: inpainting's pixel phase, which draws masks, and the smallest game."""


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


@pytest.mark.slow
@pytest.mark.parametrize("name", MOST)
def test_a_step_launches_no_more_than_it_did(name: str) -> None:
    assert 0 < counted(ROWS[name]).step <= MOST[name]
