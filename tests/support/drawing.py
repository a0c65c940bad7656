"""Pictures for tests, drawn on the spot."""

from __future__ import annotations

import numpy as np
from PIL import Image


def draw(seed: int, height: int = 40, width: int = 40) -> np.ndarray:
    """A smooth random picture, (H, W, 3) uint8."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
