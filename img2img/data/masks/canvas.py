"""Where holes are drawn: fields over the pixels of a batch, and the places and draws that they are made of."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Canvas:
    """`count` pictures of height x width, px. A field (count, height, width) on it is a hole where it is at most 0.

    All draws are from torch's global state, on the device.
    """

    count: int
    height: int
    width: int
    device: torch.device | str = "cpu"

    @property
    def side(self) -> float:
        """Side of the square of the same area, px."""
        return math.sqrt(self.height * self.width)

    def of(self, count: int) -> Canvas:
        """The same for another number of pictures."""
        return replace(self, count=count)

    def rows(self, number: int | None = None) -> Tensor:
        """(H, 1): y of the pixels' middles, px; or of `number` places from the first to the last of them."""
        return torch.linspace(0.5, self.height - 0.5, number or self.height, device=self.device)[:, None]

    def columns(self, number: int | None = None) -> Tensor:
        """(1, W): x, likewise."""
        return torch.linspace(0.5, self.width - 0.5, number or self.width, device=self.device)

    def uniform(self, low: float | Tensor, high: float | Tensor) -> Tensor:
        """(N, 1, 1): a number from low to high for each picture."""
        return low + (high - low) * torch.rand(self.count, 1, 1, device=self.device)

    def happens(self, share: float) -> Tensor:
        """(N, 1, 1): true for each picture with probability `share`."""
        return self.uniform(0, 1) < share

    def up_to(self, most: int) -> Tensor:
        """(N, 1, 1): a whole number from 1 to `most` for each picture."""
        return torch.randint(1, most + 1, (self.count, 1, 1), device=self.device)
