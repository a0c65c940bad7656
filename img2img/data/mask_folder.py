"""Masks from files: which pixels are the hole, and a folder of masks to draw from."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import torch
from torch import Tensor

from img2img.images import list_images, read_training_image

from .canvas import Canvas
from .folders import DataError


def read_hole(path: Path, hole: Literal["white", "black"]) -> np.ndarray:
    """The hole of a mask's file, upright: (H, W) booleans.

    What is lighter than the middle between black and white is white, and so is what is transparent.

    Raises ImageError, naming a file that cannot be read.
    """
    grey = read_training_image(path, 1)[..., 0]
    white = grey > np.iinfo(grey.dtype).max // 2
    return white if hole == "white" else ~white


class MaskFolder:
    """Masks to draw from, each as likely as another. A file is read when it is first drawn, and kept, a bit a pixel.

    Raises DataError for a folder that is not there, or without a picture.
    """

    def __init__(self, folder: Path, hole: Literal["white", "black"]) -> None:
        if not folder.is_dir():
            raise DataError(f"--mask-folder {folder}: {'is a file' if folder.exists() else 'no such folder'}")
        self.files = list_images(folder)
        if not self.files:
            raise DataError(f"--mask-folder {folder}: no image in it")
        self.folder, self.hole = folder, hole
        self._size = (0, 0)
        self._kept: dict[int, np.ndarray] = {}

    def __call__(self, canvas: Canvas) -> Tensor:
        """Holes (N, H, W), booleans, stretched to the canvas without new values. Raises ImageError as `read_hole`."""
        size = (canvas.height, canvas.width)
        if size != self._size:
            self._size, self._kept = size, {}
        drawn = [self._mask(index) for index in torch.randint(len(self.files), (canvas.count,)).tolist()]
        return torch.from_numpy(np.stack(drawn)).to(canvas.device)

    def _mask(self, index: int) -> np.ndarray:
        height, width = self._size
        if index not in self._kept:
            read = read_hole(self.files[index], self.hole).astype(np.uint8)
            sized = cv2.resize(read, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
            self._kept[index] = np.packbits(sized.astype(bool))
        bits = np.unpackbits(self._kept[index], count=height * width)
        return bits.reshape(height, width).astype(bool)
