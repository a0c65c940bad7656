"""Pictures for tests, drawn on the spot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image


def draw(seed: int, height: int = 40, width: int = 40, channels: int = 3, bits: int = 8) -> np.ndarray:
    """Smooth random samples, (H, W, C) uint8 or uint16."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, channels), dtype=np.uint8)
    planes = [
        Image.fromarray(coarse[..., k]).resize((width, height), Image.Resampling.BICUBIC) for k in range(channels)
    ]
    drawn = np.stack([np.asarray(plane) for plane in planes], axis=2)
    return drawn if bits == 8 else drawn.astype(np.uint16) * 257


def write_pictures(folder: Path, shapes: Mapping[str, tuple[int, int, int]]) -> Path:
    """Draws a picture for each name below the folder, by its (H, W, C), each unlike the others; returns the folder."""
    for number, (name, shape) in enumerate(shapes.items()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        samples = draw(number, *shape)
        Image.fromarray(samples[..., 0] if shape[2] == 1 else samples).save(folder / name)
    return folder
