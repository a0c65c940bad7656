"""Where tiles lie: their size, halo and cross-fade, one axis at a time."""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import torch
from torch import Tensor

DEFAULT_BLEND = 16
_LEAST_CORE = 16  # px that a tile at the floor still adds beyond its halo


@dataclass(frozen=True)
class Tiling:
    """How a picture is cut; all lengths in px of the network's input.

    size: side of the square window that the network sees, halo included.
    halo: border of a window whose result is thrown away; at least the network's receptive radius.
    blend: width of the cross-fade between neighbours, inside the overlap beyond the halo.
    batch: windows that go through the network at once.
    snug: windows are made smaller where as many of them still cover the picture; False where a network is the better
    for all that it sees.

    Raises ValueError where the halo leaves nothing of the window.
    """

    size: int
    halo: int
    blend: int = DEFAULT_BLEND
    batch: int = 1
    snug: bool = True

    def __post_init__(self) -> None:
        if self.halo < 0 or self.blend < 0 or self.batch < 1:
            raise ValueError(f"halo {self.halo}, blend {self.blend}, batch {self.batch}; allowed: >= 0, >= 0, >= 1")
        if self.size <= 2 * self.halo:
            raise ValueError(f"tile of {self.size} px with a halo of {self.halo}; allowed: more than {2 * self.halo}")


def smallest_tile(halo: int, multiple_of: int = 1) -> int:
    """Floor of the halving after out-of-memory, in px."""
    return round_up(2 * halo + max(_LEAST_CORE, multiple_of), multiple_of)


def round_up(length: int, multiple: int) -> int:
    """The least multiple of `multiple` that is not below `length`."""
    return -(-length // multiple) * multiple


def padding_index(length: int, multiple_of: int, minimum: int = 1) -> Tensor:
    """Positions (P,) that extend an axis at its far end to P, a multiple of `multiple_of` and at least `minimum`.

    By reflection without repeating the border; where the axis is too short for that, by repeating the border.
    """
    padded = round_up(max(length, minimum), multiple_of)
    position = torch.arange(padded)
    if padded - length > length - 1:
        return position.clamp(max=length - 1)
    return torch.where(position < length, position, 2 * (length - 1) - position)


@dataclass(frozen=True)
class Axis:
    """Windows along one axis of `length` px, all of the same length, each starting at a multiple of `multiple_of`.

    starts: first px of each window; fades: first px of the cross-fade from window k to k + 1; blend: its width.
    """

    length: int
    window: int
    starts: tuple[int, ...]
    fades: tuple[int, ...]
    blend: int

    def span(self, number: int, scale: int) -> tuple[int, int]:
        """The output px [first, end) to which window `number` contributes."""
        first = self.fades[number - 1] if number else 0
        end = self.fades[number] + self.blend if number < len(self.fades) else self.length
        return first * scale, end * scale

    def weights(self, number: int, scale: int) -> Tensor:
        """Shares (end - first,) of window `number` over its span; those of all windows add up to 1 everywhere."""
        first, end = self.span(number, scale)
        position = torch.arange(first, end)
        share = torch.ones(end - first)
        if number:
            share = self._ramp(self.fades[number - 1], position, scale)
        if number < len(self.fades):
            # rising ramps are subtracted, not multiplied: the sum then telescopes to 1 even where fades overlap
            share = share - self._ramp(self.fades[number], position, scale)
        return share

    def finished(self, number: int, scale: int) -> int:
        """The output px below which nothing changes once windows up to `number` are added."""
        return (self.fades[number] if number < len(self.fades) else self.length) * scale

    def _ramp(self, fade: int, position: Tensor, scale: int) -> Tensor:
        if self.blend == 0:
            return (position >= fade * scale).float()
        return ((position - fade * scale + 0.5) / (self.blend * scale)).clamp(0, 1)


def cut(length: int, tiling: Tiling, multiple_of: int) -> Axis:
    """Windows over an axis whose length is a multiple of `multiple_of`, evenly spread.

    The first starts and the last ends at the picture's border, so that there the network pads as it does on the whole.
    Raises ValueError where the tile is too small for its halo and the multiple.
    """
    window = min(tiling.size // multiple_of * multiple_of, length)
    if window == length:
        return Axis(length, length, (0,), (), 0)
    blend = min(tiling.blend, window - 2 * tiling.halo - multiple_of)
    if blend < 0:
        least = round_up(2 * tiling.halo + multiple_of, multiple_of)
        raise ValueError(
            f"tile of {tiling.size} px, halo {tiling.halo}, multiple {multiple_of}; allowed: >= {least} px"
        )
    shared = round_up(2 * tiling.halo + blend, multiple_of)  # at least, by a window and the next
    steps = ceil((length - window) / (window - shared))
    if tiling.snug:  # light-x2 on 1024 px in tiles of up to 512 px: twice as fast
        window = round_up(ceil((length + steps * shared) / (steps + 1)), multiple_of)
    starts = tuple(number * (length - window) // steps // multiple_of * multiple_of for number in range(steps + 1))
    fades = tuple((a + b + window - blend) // 2 for a, b in pairwise(starts))
    return Axis(length, window, starts, fades, blend)
