"""Pictures to an exact number of px, in bands: what a network made too large, and transparency that it does not see."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from img2img.images.samples import as_floats

_BLOCK = 64
"""Px of the result that one product of matrices makes: few enough for its zeros to cost little."""

_ROWS = 256
"""Of the source that become floats at once."""


class Resampling:
    """One side of a picture from `source` to `wanted` px, by Pillow's bicubic (a = -0.5), antialiased where it shrinks.

    A px of the result is a weighted mean of px of the source around its place; the weights sum up to 1, so that what is
    constant stays so.
    """

    def __init__(self, source: int, wanted: int) -> None:
        self.source, self.wanted = source, wanted
        self._ratio = source / wanted
        self._stretch = max(1.0, self._ratio)
        centres = (torch.arange(wanted, dtype=torch.float64) + 0.5) * self._ratio
        reach = 2 * self._stretch
        self._centres = centres
        self.starts = (centres - reach + 0.5).floor().clamp(min=0).long()
        self.ends = (centres + reach + 0.5).floor().clamp(max=source).long()

    def blocks(self, first: int, last: int) -> Iterator[tuple[int, int, Tensor]]:
        """Px [first, last) of the result in pieces: (start, end, weights (n, end - start)) of px of the source."""
        for begin in range(first, last, _BLOCK):
            finish = min(begin + _BLOCK, last)
            start, end = int(self.starts[begin]), int(self.ends[finish - 1])
            places = torch.arange(start, end, dtype=torch.float64) + 0.5
            weights = _bicubic((places - self._centres[begin:finish, None]) / self._stretch)
            yield start, end, (weights / weights.sum(1, keepdim=True)).float()

    def columns(self, picture: Tensor) -> Tensor:
        """(C, h, source) -> (C, h, wanted)."""
        if self.source == self.wanted:
            return picture
        blocks = self.blocks(0, self.wanted)
        return torch.cat([picture[:, :, a:b] @ _beside(picture, weights).T for a, b, weights in blocks], dim=2)

    def rows(self, held: Tensor, top: int, first: int, last: int) -> Tensor:
        """Rows [first, last) of the result, (C, last - first, w). held: (C, h, w), the source's rows from `top` on."""
        if self.source == self.wanted:
            return held[:, first - top : last - top]
        blocks = self.blocks(first, last)
        return torch.cat([_beside(held, weights) @ held[:, a - top : b - top] for a, b, weights in blocks], dim=1)


def resized_bands(
    bands: Iterator[tuple[int, Tensor]], source: tuple[int, int], wanted: tuple[int, int]
) -> Iterator[tuple[int, Tensor]]:
    """Bands (y, (C, h, W)) that cover a picture from top to bottom, resized to (width, height) as they come.

    source: (width, height) of the picture. Held are the rows that the next ones of the result still need. The result
    does not depend on where the bands begin.
    """
    across, down = (Resampling(a, b) for a, b in zip(source, wanted, strict=True))
    held: Tensor | None = None
    top = done = 0
    for start, band in bands:
        narrow = across.columns(band)
        held = narrow if held is None else torch.cat([held, narrow], dim=1)
        bottom = start + band.shape[1]
        ready = int(torch.searchsorted(down.ends, bottom, right=True))
        del band, narrow
        if ready == done:
            continue
        yield done, down.rows(held, top, done, ready)
        done = ready
        kept = int(down.starts[done]) if done < down.wanted else bottom
        held, top = held[:, kept - top :].clone(), kept


def reduced(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    """(C, H, W), integers or floats, -> float32 (C, h, w) in about [-1, 1]; no more than a few rows are floats."""
    source, wanted = (pixels.shape[2], pixels.shape[1]), (size[1], size[0])
    bands = ((top, as_floats(pixels[:, top : top + _ROWS])) for top in range(0, pixels.shape[1], _ROWS))
    return torch.cat([band for _, band in resized_bands(bands, source, wanted)], dim=1)


def resized_rows(picture: Tensor, top: int, bottom: int, size: tuple[int, int]) -> Tensor:
    """Rows [top, bottom) of a transparency resized to (width, height), clamped to [0, 1].

    picture: float32 (1, h, w) in [0, 1]; the rows are px of the result. Returns (1, bottom - top, width), the same
    whether asked for at once or in pieces.
    """
    across, down = Resampling(picture.shape[2], size[0]), Resampling(picture.shape[1], size[1])
    first, last = int(down.starts[top]), int(down.ends[bottom - 1])
    return down.rows(across.columns(picture[:, first:last]), first, top, bottom).clamp(0, 1)


def _beside(picture: Tensor, weights: Tensor) -> Tensor:
    """The weights on the picture's device."""
    return weights.to(picture.device, non_blocking=True)


def _bicubic(x: Tensor) -> Tensor:
    """Keys' kernel of 1981, equation 4, with a = -1/2: 0 beyond 2."""
    x = x.abs()
    near = (1.5 * x - 2.5) * x**2 + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return torch.where(x < 1, near, torch.where(x < 2, far, torch.zeros_like(x)))
