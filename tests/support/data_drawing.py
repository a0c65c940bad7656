"""Small pictures, drawn where a test wants them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Draw:
    """draw("train/1.png", (w, h), mode, value): noise of its own in each file, or one value everywhere."""

    folder: Path

    def __call__(
        self, name: str, size: tuple[int, int] = (40, 32), mode: str = "RGB", value: int | None = None
    ) -> Path:
        """Writes one picture and returns its path."""
        shape = (size[1], size[0]) if mode in ("L", "I;16") else (size[1], size[0], len(mode))
        dtype = np.uint16 if mode == "I;16" else np.uint8
        noise = np.random.default_rng(zlib.crc32(name.encode())).integers(0, np.iinfo(dtype).max, shape, dtype)
        return self.write(name, noise if value is None else np.full(shape, value, dtype))

    def write(self, name: str, pixels: np.ndarray) -> Path:
        """Writes these pixels."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(file)
        return file
