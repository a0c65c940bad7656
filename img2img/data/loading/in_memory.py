"""Pictures that lie in memory already, as arrays: rows without files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self, cast

import numpy as np

from img2img.data.folders.summary import SideSummary
from img2img.images import ImageFacts

from .rows import Fit, fitted, resized


class InMemory:
    """Pictures of one side, one size and 8 bits, with their classes.

    pictures: (N, C, H, W) uint8. labels: (N,) int64, or None.
    """

    def __init__(self, side: str, pictures: np.ndarray, labels: np.ndarray | None = None) -> None:
        self.side, self.pictures, self.labels = side, pictures, labels
        self.channels: dict[str, Literal[1, 3]] = {side: cast(Any, pictures.shape[1])}

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, row: int) -> dict[str, np.ndarray]:
        return {self.side: self.pictures[row]}

    def keeping(self, keep: bool) -> Self:
        """The same: they are in memory."""
        return self

    def bytes_in_memory(self, facts: Mapping[Path, ImageFacts]) -> int:
        """Nothing more than they take already."""
        return 0

    def resized(self, side_px: int, fit: Fit) -> InMemory:
        """The same pictures, resized once as files are when they are read."""
        height, width = self.pictures.shape[2:]
        shape = fitted(height, width, (side_px, side_px), fit)
        if shape == (height, width):
            return self
        rows = (resized(np.ascontiguousarray(picture.transpose(1, 2, 0)), shape) for picture in self.pictures)
        return InMemory(self.side, np.stack([row.transpose(2, 0, 1) for row in rows]), self.labels)


def summarised(name: str, train: InMemory, val: InMemory, size: int) -> SideSummary:
    """What the data check says of pictures in memory; size: the training size, px."""
    count, channels, height, width = train.pictures.shape
    return SideSummary(
        name=name,
        train=count,
        val=len(val),
        channels=train.channels[train.side],
        smallest=(width, height),
        median=(width, height),
        largest=(width, height),
        modes={"L" if channels == 1 else "RGB": count + len(val)},
        deep=0,
        alpha=0,
        small=(count + len(val)) * (min(height, width) < size),
    )
