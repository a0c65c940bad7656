"""Tiny standard sets, in the files that torchvision reads."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np


def write_idx(folder: Path, packed: bool = False) -> None:
    """Ten pictures of each half of MNIST's kind; picture i has the value 10 i and the label i."""
    folder.mkdir(parents=True)
    for half in ("train", "t10k"):
        pictures = np.full((10, 28, 28), 10 * np.arange(10, dtype=np.uint8)[:, None, None])
        for name, values in (("images-idx3", pictures), ("labels-idx1", np.arange(10, dtype=np.uint8))):
            shape = struct.pack(f">{values.ndim}I", *values.shape)
            content = bytes([0, 0, 8, values.ndim]) + shape + values.tobytes()
            path = folder / f"{half}-{name}-ubyte"
            if packed:
                path.with_suffix(".gz").write_bytes(gzip.compress(content))
            else:
                path.write_bytes(content)
