"""Masks from files: which pixels are the hole, and a folder of masks to draw from."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from img2img.config.sections.masks import Channel, Polarity
from img2img.data.folders.errors import DataError
from img2img.images import list_images, read_photo

from .canvas import Canvas
from .values import hole_of_mask


class MaskFolder:
    """Masks to draw from, each as likely as another. A file is read when it is first drawn, and kept, a bit a pixel.

    Raises DataError for a folder that is not there, or without a picture.
    """

    def __init__(self, folder: Path, hole: Polarity, channel: Channel = "auto") -> None:
        if not folder.is_dir():
            raise DataError(f"--mask-folder {folder}: {'is a file' if folder.exists() else 'no such folder'}")
        self.files = list_images(folder)
        if not self.files:
            raise DataError(f"--mask-folder {folder}: no image in it")
        self.folder, self.hole, self.channel = folder, hole, channel
        self._size = (0, 0)
        self._kept: dict[int, np.ndarray] = {}

    def __call__(self, canvas: Canvas) -> Tensor:
        """Holes (N, H, W), booleans, stretched to the canvas without new values. Raises ImageError as `hole_of`."""
        size = (canvas.height, canvas.width)
        if size != self._size:
            self._size, self._kept = size, {}
        drawn = [self._mask(index) for index in torch.randint(len(self.files), (canvas.count,)).tolist()]
        return torch.from_numpy(np.stack(drawn)).to(canvas.device, non_blocking=True)

    def hole_of(self, index: int) -> np.ndarray:
        """The hole of one of the files, upright: (H, W) booleans, as `img2img inpaint` reads it.

        Raises ImageError, naming a file that cannot be read, or that is no mask anybody can read.
        """
        path = self.files[index]
        mask = read_photo(path, integers=True)
        hole, _ = hole_of_mask(mask, self.channel, self.hole == "white", None, str(path))
        return hole.astype(bool)

    def _mask(self, index: int) -> np.ndarray:
        height, width = self._size
        if index not in self._kept:
            read = self.hole_of(index).astype(np.uint8)
            sized = cv2.resize(read, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
            self._kept[index] = np.packbits(sized.astype(bool))
        bits = np.unpackbits(self._kept[index], count=height * width)
        return bits.reshape(height, width).astype(bool)
