"""Pictures that the tests of the metrics measure."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor


def picture(seed: int, channels: int = 3, height: int = 40, width: int = 33) -> Tensor:
    """A smooth random picture of 8 bits, (C, H, W) in [-1, 1]."""
    coarse = torch.rand(1, channels, 7, 6, generator=torch.Generator().manual_seed(seed))
    fine = torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")[0]
    return (fine * 255).round() / 127.5 - 1


def from_levels(*levels: float) -> Tensor:
    """One pixel (C, 1, 1) of these 8-bit levels."""
    return torch.tensor(levels).view(-1, 1, 1) / 127.5 - 1


def from_file(path: Path) -> Tensor:
    """(C, H, W) in [-1, 1]."""
    from PIL import Image

    return torch.from_numpy(np.array(Image.open(path))).permute(2, 0, 1).float() / 127.5 - 1


def real_weights() -> Path:
    """The folder of LPIPS's weights, or a skipped test."""
    value = os.environ.get("IMG2IMG_LPIPS")
    if not value:
        pytest.skip("IMG2IMG_LPIPS names no folder with LPIPS's weights")
    return Path(value)
