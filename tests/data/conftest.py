from __future__ import annotations

from pathlib import Path

import pytest
import torch
from support.data_drawing import Draw


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    return Draw(tmp_path)
