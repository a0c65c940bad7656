"""Holes filled by a network: window by window, each at the resolution that the network knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from img2img.apply.conversion import Watch
from img2img.apply.engine.model import Model
from img2img.apply.engine.tiles import tiled_bands
from img2img.apply.engine.tiling import Tiling, padding_index, round_up
from img2img.data.masks.values import Hole
from img2img.images.decode import Samples
from img2img.images.samples import fit_channels

from .detail import Detail
from .holes import Box, Holes
from .low_resolution import as_stored, enlarged, shrunk
from .seam import blend_seam
from .windows import MARGIN, Window, find_windows

_ROWS = 128  # of a window whose detail is made at a time

_NEAR = 8
"""Holes nearer than a window's side divided by this are filled together."""

Notify = Callable[[str], None]
Bands = Iterator[tuple[int, Samples]]
"""(y, float32 (C, h, w)) from top to bottom."""
Run = Callable[[Samples, Hole, Hole], Bands]
"""The network's picture of planes (C, H, W) with a hole (H, W), where the third, (H, W), is 1."""


class Blanked(nn.Module):
    """An inpainter as the tiles give it pictures: (N, P + 1, h, w) in [-1, 1], the mask last, above 0 = hole.

    P is 1 or 3, whatever the network takes; (N, P, h, w) comes back. Of the hole the network is given nothing.
    """

    def __init__(self, network: nn.Module, channels: int) -> None:
        """channels: of the pictures that the network takes."""
        super().__init__()
        self.network = network
        self.channels = channels

    def forward(self, given: Tensor) -> Tensor:
        picture, mask = given[:, :-1], (given[:, -1:] > 0).to(given.dtype)
        known = fit_channels(picture, self.channels) * (1 - mask)
        filled: Tensor = self.network(torch.cat([known, mask], 1))
        return fit_channels(filled, picture.shape[1])


@dataclass(frozen=True, eq=False)
class NetworkFilling:
    """A network that fills holes, wrapped in `Blanked`; side: of the squares that it knows, px; None: photos whole.

    detailed: where a hole is filled at low resolution, take its detail from the known part.
    """

    model: Model
    side: int | None
    detailed: bool = True

    def __str__(self) -> str:
        return str(self.model)

    @property
    def settings(self) -> Mapping[str, Any]:
        """For the manifest."""
        return {**self.model.settings, "side": self.side}

    @property
    def weights(self) -> str:
        """The SHA-256 of the weights file."""
        return self.model.weights

    @property
    def note(self) -> str:
        """What a user should know of the choice."""
        return self.model.note

    def fill(
        self,
        planes: Samples,
        hole: Hole,
        bits: Literal[8, 16],
        report: Notify | None = None,
        watch: Watch | None = None,
    ) -> None:
        """Fill the hole (H, W) of planes (C, H, W), uint8, uint16, or float32 in [-1, 1], in place.

        A window where a hole is larger than the network handles is filled at low resolution first, and takes its detail
        from the known part. Windows see known pixels alone, never each other's fill: their order changes nothing.
        Raises as `tiled_bands`.
        """
        side = self.side or round_up(max(hole.shape), self.model.needs.multiple_of)
        holes = Holes(hole, max(1, side // _NEAR))
        windows = find_windows(holes, side)
        run = partial(self._run, side=side, bits=bits, report=report)
        for number, window in enumerate(windows):
            if window.shrink == 1:
                _at_full_resolution(run, planes, holes, window)
            else:
                _from_coarse(run, planes, holes, window, self.detailed)
            if watch:
                watch((number + 1) / len(windows))
        blend_seam(planes, hole)

    def _run(
        self, seen: Samples, mask: Hole, wanted: Hole, *, side: int, bits: Literal[8, 16], report: Notify | None
    ) -> Bands:
        """The network's picture of what is seen, in tiles of `side` px; it counts where `wanted` is 1."""
        ends = (-1, 1) if seen.dtype == np.float32 else (0, np.iinfo(seen.dtype).max)
        marked = np.where(mask, ends[1], ends[0]).astype(seen.dtype)
        given = torch.from_numpy(np.concatenate([seen, marked[None]]))
        index = [self._index(length, side) for length in mask.shape]
        bands = tiled_bands(
            self.model.network, _padded(given, index), Tiling(side, side // MARGIN, side // 8, snug=False),
            precision=self.model.dtype(bits), report=report, wanted=_padded(torch.from_numpy(wanted)[None], index)[0],
        )  # fmt: skip
        for y, band in bands:
            if y < mask.shape[0]:
                yield y, band[:, : mask.shape[0] - y, : mask.shape[1]].cpu().numpy()

    def _index(self, length: int, side: int) -> Tensor:
        """Positions that extend what is shorter than a tile to a length that the network takes."""
        if length >= side:
            return torch.arange(length)
        return padding_index(length, self.model.needs.multiple_of, self.model.needs.minimum)


def _at_full_resolution(run: Run, planes: Samples, holes: Holes, window: Window) -> None:
    seen, mask = _part(planes, window.box), _part(holes.mask, window.box)
    own = holes.own(window.holes, window.box)
    for top, band in run(seen, mask, own):
        rows = slice(top, top + band.shape[1])
        _put(seen[:, rows], own[rows], band)


def _from_coarse(run: Run, planes: Samples, holes: Holes, window: Window, detailed: bool) -> None:
    seen, mask = _part(planes, window.box), _part(holes.mask, window.box)
    low, low_hole, whole = shrunk(seen, mask, window.shrink)
    for top, band in run(low, low_hole, low_hole):
        rows = slice(top, top + band.shape[1])
        _put(low[:, rows], low_hole[rows], band)
    blend_seam(low, low_hole)
    own = holes.own(window.holes, window.box)
    if not detailed:
        for plane, made in zip(seen, low, strict=True):
            _put(plane[None], own, enlarged(made, window.shrink, own.shape)[None])
        return
    detail = Detail(low, whole, window.shrink)
    for first in range(0, own.shape[0], _ROWS):
        y, x = own[first : first + _ROWS].nonzero()
        y += first
        seen[:, y, x] = as_stored(detail.at(y, x, seen), seen.dtype)


def _part(planes: Samples, box: Box) -> Samples:
    """A view of (…, H, W)."""
    return planes[..., box[0] : box[1], box[2] : box[3]]


def _put(planes: Samples, where: Hole, values: Samples) -> None:
    """Store floats (C, H, W) where a mask is 1, in place."""
    chosen = where > 0
    planes[:, chosen] = as_stored(values[:, chosen], planes.dtype)


def _padded(planes: Tensor, index: list[Tensor]) -> Tensor:
    for axis, positions in enumerate(index, 1):
        if len(positions) > planes.shape[axis]:
            planes = planes.index_select(axis, positions)
    return planes
