"""Which holes are filled by copies of the known part, and which by the network alone."""

from __future__ import annotations

from .holes import Holes
from .shift_map import ShiftMap

THIN = 12
"""Holes up to this wide a network fills well by itself, px."""

UNEXPLAINED = 1.5
"""Of the variance around a hole copies may leave so many times as much. It was 0.6 to 1.3 on photographs where copies
had the lower LPIPS, and noise that never repeats leaves 0.8: only what is plainly something else is refused."""

SCARCE = 2.0
"""A hole may have so many times the known pixels of the photo."""


def worth_copies(holes: Holes, number: int) -> bool:
    """Whether a hole is wide enough for copies, and there is enough to copy."""
    known = holes.mask.size - int(holes.mask.sum())
    pixels = int(holes.own((number,), tuple(holes.boxes[number].tolist())).sum())
    return holes.width(number) > THIN and pixels <= SCARCE * known


def explained(found: ShiftMap) -> bool:
    """Whether copies continue what is known around a hole."""
    return found.unexplained <= UNEXPLAINED
