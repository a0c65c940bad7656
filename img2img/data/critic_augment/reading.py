"""Pictures read at places between their pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor


@dataclass(frozen=True)
class Reading:
    """The four pixels around each place, and how much each counts: (N, 4, H W).

    Gathers, not grid_sample, whose second derivative exists only in late versions of torch.
    """

    pixels: Tensor
    weights: Tensor

    @staticmethod
    def at(places: Tensor, height: int, width: int) -> Reading:
        """places: x and y (N, 2, h w), px, of any size; they are folded back at the borders of H x W px."""
        inside = folded(places, _last(height, width, places.device))
        low = inside.floor()
        share = inside - low
        low = low.long()
        high = torch.minimum(low + 1, _last(height, width, places.device).long())
        (x, y), weights = torch.stack([low, high]).unbind(2), torch.stack([1 - share, share])
        pixels = torch.add(x, y[:, None], alpha=width)
        return Reading(_in_fours(pixels), _in_fours(weights[:, :, 0] * weights[:, None, :, 1]))

    def of(self, pictures: Tensor) -> Tensor:
        """Pictures (N, C, H, W) of as many places as pixels, read there: the same shape. On whole places exact."""
        places = self.pixels.flatten(1)[:, None].expand(-1, pictures.shape[1], -1)
        found = pictures.flatten(2).gather(2, places).unflatten(2, (4, -1))
        read: Tensor = (found * self.weights[:, None]).sum(2).view(pictures.shape)
        return read


def folded(places: Tensor, last: Tensor) -> Tensor:
    """Places reflected into [0, last] at the centres of the outermost pixels, px; last: the last pixel's, from 1."""
    return last - (places.remainder(2 * last) - last).abs()


def _in_fours(corners: Tensor) -> Tensor:
    """(2, 2, N, places) -> (N, 4, places)."""
    return corners.flatten(0, 1).transpose(0, 1)


@lru_cache
def _last(height: int, width: int, device: torch.device) -> Tensor:
    """(2, 1): x and y of the last pixel; kept, as a copy from the CPU waits for what the device has yet to do."""
    with torch.inference_mode(False):
        return torch.tensor([[width - 1.0], [height - 1.0]], device=device)
