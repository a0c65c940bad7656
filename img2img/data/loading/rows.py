"""From files to arrays: decode, resize to what the crop is taken of, keep in memory where that is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

import cv2
import numpy as np

from img2img.config.sections.data import Shape
from img2img.data.folders.check import picture_size
from img2img.data.folders.find import Picture
from img2img.images import ImageFacts, read_training_image

Fit = Literal["cover", "stretch", "crop"]


class Rows:
    """Pictures that go together: row i of every side shows the same thing, is resized alike and cropped alike.

    A paired set is one such table with a column for each side; unpaired domains are tables of one column.
    """

    def __init__(
        self,
        columns: Mapping[str, tuple[Picture, ...]],
        channels: Mapping[str, Literal[1, 3]],
        shape: Shape,
        fit: Fit,
        keep: bool = False,
        label_side: str | None = None,
    ) -> None:
        """label_side: the one whose values are labels: a resize takes them from the nearest pixel."""
        self.columns = dict(columns)
        self.channels = {name: channels[name] for name in columns}
        self.shape, self.label_side = shape, label_side
        self.fit = fit
        self._kept: dict[int, dict[str, np.ndarray]] | None = {} if keep else None
        self.labels = _labels(next(iter(columns.values())))

    def __len__(self) -> int:
        return min(len(pictures) for pictures in self.columns.values())

    def __getitem__(self, row: int) -> dict[str, np.ndarray]:
        """Every side of one row, (C, H, W) uint8 or uint16, no shorter nor narrower than `shape`; all of one size.

        Raises: ImageError, naming the file that cannot be read.
        """
        if self._kept is not None and row in self._kept:
            return self._kept[row]
        pictures = self._read(row)
        if self._kept is not None:
            self._kept[row] = pictures
        return pictures

    def keeping(self, keep: bool) -> Self:
        """The same rows, kept in memory once they are read, or not."""
        if keep == (self._kept is not None):
            return self
        return type(self)(self.columns, self.channels, self.shape, self.fit, keep, self.label_side)

    def bytes_in_memory(self, facts: Mapping[Path, ImageFacts]) -> int:
        """What keeping every row would take."""
        total = 0
        for name, pictures in self.columns.items():
            for picture in pictures:
                header = facts[picture.path]
                width, height = picture_size(picture, header)
                down, across = fitted(height, width, self.shape, self.fit)
                total += down * across * self.channels[name] * (header.bits // 8)
        return total

    def _read(self, row: int) -> dict[str, np.ndarray]:
        decoded: dict[tuple[Path, int], np.ndarray] = {}  # both halves of a side-by-side file are decoded at once
        sized: dict[str, np.ndarray] = {}
        shape: tuple[int, int] | None = None
        for name, pictures in self.columns.items():
            picture, channels = pictures[row], self.channels[name]
            if (picture.path, channels) not in decoded:
                decoded[picture.path, channels] = read_training_image(picture.path, channels)
            pixels = part_of(decoded[picture.path, channels], picture.part)
            shape = shape or fitted(pixels.shape[0], pixels.shape[1], self.shape, self.fit)
            same = resized(pixels, shape, nearest=name == self.label_side)
            sized[name] = np.ascontiguousarray(same.transpose(2, 0, 1))
        return sized


def _labels(pictures: tuple[Picture, ...]) -> np.ndarray | None:
    """The number of each picture's class, (rows,) int64; None where one has none."""
    labels = [picture.label for picture in pictures if picture.label is not None]
    return np.array(labels, np.int64) if labels and len(labels) == len(pictures) else None


def fitted(height: int, width: int, shape: Shape, fit: Fit) -> Shape:
    """Height and width after the resize, px: `shape` for stretch; for cover just as much as covers it, keeping the
    aspect; as they are for crop, unless they have to grow to cover it."""
    if fit == "stretch":
        return shape
    high, wide = shape
    scale = max(high / height, wide / width)
    if fit == "crop" and scale <= 1:
        return height, width
    return max(high, round(height * scale)), max(wide, round(width * scale))


def resized(pixels: np.ndarray, shape: tuple[int, int], nearest: bool = False) -> np.ndarray:
    """Pixels (H, W, C) at another (height, width): area averages where it shrinks, bicubic where it grows; nearest:
    values as they are."""
    height, width, channels = pixels.shape
    if (height, width) == shape:
        return pixels
    shrinks = shape[0] * shape[1] < height * width
    interpolation = cv2.INTER_NEAREST_EXACT if nearest else cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return cv2.resize(pixels, (shape[1], shape[0]), interpolation=interpolation).reshape(*shape, channels)


def part_of(pixels: np.ndarray, part: Literal["whole", "left", "right"]) -> np.ndarray:
    """The half of a side-by-side picture (H, W, C) that is meant, or all of it."""
    middle = pixels.shape[1] // 2
    if part == "whole":
        return pixels
    return pixels[:, :middle] if part == "left" else pixels[:, middle:]
