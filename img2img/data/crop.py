"""Random crop and mirror of a batch, without interpolation."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .gather import pixels_at


@dataclass(frozen=True)
class Crop:
    """Where each picture of a batch is read: rows (N, size, 1) and columns (N, 1, size), px; mirrored ones run back."""

    rows: Tensor
    columns: Tensor

    def of(self, pictures: Tensor) -> Tensor:
        """Pictures (N, C, H, W) of any type -> (N, C, size, size), the same values at their new places."""
        return pixels_at(pictures, self.rows.to(pictures.device), self.columns.to(pictures.device))


def random_crop(shape: torch.Size, size: int, flip: bool) -> Crop:
    """A square of `size` px for each picture of a batch (N, C, H, W), half of them mirrored where `flip`; drawn from
    torch's global random state."""
    count, _, height, width = shape
    top = torch.randint(height - size + 1, (count, 1, 1))
    left = torch.randint(width - size + 1, (count, 1, 1))
    places = torch.arange(size)
    mirrored = (torch.rand(count, 1, 1) < 0.5) & flip
    columns = torch.where(mirrored, places.flip(0), places)
    return Crop(top + places[:, None], left + columns)
