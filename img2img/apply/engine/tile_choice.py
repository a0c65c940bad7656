"""How a photo is cut for a network: whole where that is right and fits, else in tiles as exact as memory allows."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import Literal

from img2img.config.base import Refusal
from img2img.config.networks import SizeNeeds

from .tiling import DEFAULT_BLEND, Tiling, round_up, smallest_tile

SHARE = 0.6
"""Of the free memory, what one forward pass may take; the rest is for the allocator's gaps and for the photo."""

UNKNOWN_REACH = 32
"""Halo of networks that do not say how far they see, px; and the least halo where a whole one does not fit."""

STEP = 32
"""Tiles are multiples of this, px, so that a little more or less free memory gives the same tiles."""


@dataclass(frozen=True)
class Memory:
    """What tiles may take.

    per_pixel: the network's peak, bytes for a px of its input. free: bytes of the device. comfortable: bytes that are
    worth taking where more are free. largest: side beyond which a tile gains nothing, px. strip: bytes for a row of
    finished tiles across the photo.
    """

    per_pixel: float
    free: int
    comfortable: int
    largest: int
    strip: int


def on_cpu(per_pixel: float, free: int) -> Memory:
    """A 100-megapixel result keeps below 2 GiB with these; light-sr is as fast with tiles of 256 as of 1024 px."""
    return Memory(per_pixel, free, comfortable=768 << 20, largest=512, strip=256 << 20)


def on_gpu(per_pixel: float, free: int) -> Memory:
    """Larger tiles waste less on their halo, and a GPU has room for them."""
    return Memory(per_pixel, free, comfortable=free, largest=1024, strip=1 << 30)


def choose_tiles(
    height: int, width: int, needs: SizeNeeds, scale: int, memory: Memory, asked: Literal["auto"] | int = "auto"
) -> tuple[Tiling, str]:
    """The tiling for a photo of height x width px, and a note where tiles change the result, else "".

    A network that sees a bounded neighbourhood gets tiles with a halo as wide, which changes nothing; where only tiles
    of less than four times that fit, the halo is an eighth of the tile. A network with statistics of the whole picture
    gets the whole picture where it fits, else the largest tiles that do.
    Raises Refusal where an asked tile is too small.
    """
    if asked != "auto":
        return _asked(height, width, needs, asked)
    possible = _rounded(isqrt(int(memory.free * SHARE / memory.per_pixel)), needs)
    if not needs.exact_tiling:
        return _as_whole_as_possible(height, width, needs, possible)
    row = max(1, width * scale**2 * 12)  # RGB, float32
    comfortable = min(isqrt(int(min(memory.comfortable, memory.free * SHARE) / memory.per_pixel)), memory.strip // row)
    size = _rounded(min(comfortable, memory.largest), needs)
    halo = UNKNOWN_REACH if needs.radius is None else needs.radius
    wanted = round_up(4 * halo, needs.multiple_of)
    if size < wanted:
        size = min(wanted, max(possible, _rounded(4 * UNKNOWN_REACH, needs)))
    if size >= wanted or max(height, width) <= size:
        return _tiling(size, halo, needs), ""
    return _narrower(size, halo, needs)


def whole(height: int, width: int, needs: SizeNeeds, tiling: Tiling) -> bool:
    """Whether a photo of this size is one tile."""
    return max(round_up(max(side, needs.minimum), needs.multiple_of) for side in (height, width)) <= tiling.size


def choose_alike(width: int, needs: SizeNeeds, scale: int, memory: Memory, asked: Literal["auto"] | int) -> Tiling:
    """The tiling for a network with statistics of the whole picture that every tile is given alike.

    Tiles need not be as large as possible then, and are as exact as the halo: how far the network sees, or an eighth of
    the tile where that is not known or too far.
    """
    room = isqrt(int(min(memory.comfortable, memory.free * SHARE) / memory.per_pixel))
    row = max(1, width * scale**2 * 12)
    size = asked if asked != "auto" else min(room, memory.largest, memory.strip // row)
    size = _rounded(size, needs) if asked == "auto" else size // needs.multiple_of * needs.multiple_of
    if needs.radius is not None and 4 * needs.radius <= size:
        return _tiling(size, needs.radius, needs)
    return _tiling(size, size // 8, needs, blend=size // 8)


def thumbnail_size(height: int, width: int, needs: SizeNeeds, memory: Memory) -> tuple[int, int]:
    """(height, width) of the reduced copy whose statistics stand for the photo's: as large as is comfortable."""
    room = min(memory.comfortable, memory.free * SHARE) / memory.per_pixel
    share = min(1.0, (room / (height * width)) ** 0.5)
    return max(needs.minimum, int(height * share)), max(needs.minimum, int(width * share))


def _asked(height: int, width: int, needs: SizeNeeds, size: int) -> tuple[Tiling, str]:
    least = max(smallest_tile(0, needs.multiple_of), needs.minimum)
    if size < least:
        raise Refusal(f"--tile {size}: this network takes tiles of {least} px or more")
    size = size // needs.multiple_of * needs.multiple_of
    if not needs.exact_tiling:
        whole = max(height, width) <= size
        return _tiling(size, size // 8, needs, blend=size // 8), "" if whole else _changed(size)
    halo = UNKNOWN_REACH if needs.radius is None else needs.radius
    if smallest_tile(halo, needs.multiple_of) <= size or max(height, width) <= size:
        return _tiling(size, halo, needs), ""
    return _narrower(size, halo, needs)


def _as_whole_as_possible(height: int, width: int, needs: SizeNeeds, possible: int) -> tuple[Tiling, str]:
    down, across = (round_up(max(side, needs.minimum), needs.multiple_of) for side in (height, width))
    if down * across <= possible**2:
        size = max(down, across)
        return _tiling(size, size // 8, needs), ""
    tiling = _tiling(possible, possible // 8, needs, blend=possible // 8)
    return tiling, _changed(tiling.size)


def _narrower(size: int, halo: int, needs: SizeNeeds) -> tuple[Tiling, str]:
    narrow = min(halo, size // 8)
    note = f"tiles of {size} px see {narrow} px around them, and the network sees {halo}: seams may differ a little"
    return _tiling(size, narrow, needs), note


def _changed(size: int) -> str:
    return f"in tiles of {size} px, for which the network takes its statistics apart: tones may differ between them"


def _rounded(size: int, needs: SizeNeeds) -> int:
    """Down to a multiple, and not below what the network takes."""
    step = STEP if STEP % needs.multiple_of == 0 else needs.multiple_of
    return max(size // step * step, round_up(max(needs.minimum, step), needs.multiple_of))


def _tiling(size: int, halo: int, needs: SizeNeeds, blend: int = DEFAULT_BLEND) -> Tiling:
    return Tiling(max(size, smallest_tile(halo, needs.multiple_of)), halo, blend, snug=needs.exact_tiling)
