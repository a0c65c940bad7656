"""A network over a picture of any size in bounded memory: tiles with halo, cross-faded where they are computed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor

from .arrival import computes_apart
from .forward import Forward, Network, Notify, is_out_of_memory
from .strip import Shares, Strip
from .tiling import Axis, Tiling, cut, padding_index, round_up, smallest_tile

Made = TypeVar("Made")


def run_whole(
    net: Network,
    image: Tensor,
    multiple_of: int = 1,
    minimum: int = 1,
    *,
    scale: int = 1,
    precision: torch.dtype | None = None,
    report: Notify | None = None,
) -> Tensor:
    """Run a network over a whole picture, padded by reflection at its right and lower border and cropped back.

    image: float32 (C, H, W) in [-1, 1], any size from 1 px. multiple_of, minimum: what the network needs of its
    input's sides, px. scale: its enlargement. precision, report: as in `tiled_bands`.
    Returns (C', H * scale, W * scale) float32 on the network's device.
    Raises NotFiniteError; ValueError where the network's output has another size; what the network raises.
    """
    rows, columns = (padding_index(length, multiple_of, minimum) for length in image.shape[1:])
    padded = _window(image, rows, columns)
    forward = Forward(net, scale, precision, report)
    out = forward(padded[None], [_place(0, 0, padded)])
    # a plain tensor: those born in inference mode may not be changed in place outside it
    return out[0, :, : image.shape[1] * scale, : image.shape[2] * scale].clone()


def assembled(bands: Iterator[tuple[int, Tensor]], height: int) -> Tensor:
    """Bands (y, (C, h, W)) that cover a picture from top to bottom -> the picture (C, height, W), on the CPU."""
    canvas: Tensor | None = None
    for top, band in bands:
        if canvas is None:
            canvas = torch.empty(band.shape[0], height, band.shape[2])
        canvas[:, top : top + band.shape[1]] = band
    assert canvas is not None
    return canvas


def tiled_bands(
    net: Network,
    image: Tensor,
    tiling: Tiling,
    scale: int = 1,
    multiple_of: int = 1,
    minimum: int = 1,
    *,
    precision: torch.dtype | None = None,
    report: Notify | None = None,
    wanted: Tensor | None = None,
) -> Iterator[tuple[int, Tensor]]:
    """Run a network over a picture in tiles; equals `run_whole` where the network has no statistics of the whole
    picture and the halo is at least its receptive radius.

    image: float32 (C, H, W) in [-1, 1], any size from 1 px. precision: autocast type, torch.float32 for none, None for
    what the caller has switched on. report: takes one line when memory ran out and the tile was halved, or a tile was
    not finite and was computed again in float32; by default a RuntimeWarning.
    wanted: (H, W), not 0 where the result counts; elsewhere it means nothing: tiles that add to none of it are not run,
    and bands without any of it are left out.
    Yields (y, band) from top to bottom, each band (C', h, W * scale) float32 on the network's device, finished and the
    caller's.
    Only about one row of tiles is alive at a time, so a 100-megapixel result can become uint8 as it appears.
    Raises MemoryError at the smallest tile; NotFiniteError with the tile's place; ValueError on sizes.
    """
    rows, columns = (padding_index(length, multiple_of, minimum) for length in image.shape[1:])
    tiler = _Tiler(Forward(net, scale, precision, report), tiling, scale, multiple_of)
    height, width = image.shape[1] * scale, image.shape[2] * scale
    counts = None if wanted is None else _window(wanted[None], rows, columns)[0]
    for top, band in tiler.bands(image, rows, columns, tiling, counts):
        if top < height:
            yield top, band[:, : height - top, :width]
        del band


@dataclass(frozen=True)
class _Step:
    """Windows of one row that go through the network at once; the last ones end the row. sides: (height, width), px."""

    row: int
    columns: list[int]
    top: int
    lefts: list[int]
    sides: tuple[int, int]
    ends_row: bool

    def windows(self, image: Tensor, rows: Tensor, columns: Tensor) -> tuple[Tensor, list[str]]:
        """(N, C, h, w) of the padded picture, and the place of each in words."""
        high, wide = self.sides
        down = rows[self.top : self.top + high]
        found = [_window(image, down, columns[left : left + wide]) for left in self.lefts]
        return torch.stack(found), [_place(self.top, left, found[0]) for left in self.lefts]


class _Tiler:
    """Tiles of one picture, and what was learnt about memory on the way."""

    def __init__(self, forward: Forward, tiling: Tiling, scale: int, multiple_of: int) -> None:
        self._forward = forward
        self._tiling = tiling  # becomes smaller when memory runs out
        self._scale = scale
        self._multiple_of = multiple_of

    def bands(
        self, image: Tensor, rows: Tensor, columns: Tensor, tiling: Tiling, wanted: Tensor | None = None
    ) -> Iterator[tuple[int, Tensor]]:
        """Finished rows of the padded picture, in order; wanted: (height, width) of it, or None for all."""
        down, across = axes = cut(len(rows), tiling, self._multiple_of), cut(len(columns), tiling, self._multiple_of)
        shares = Shares(down, self._scale, self._forward.device), Shares(across, self._scale, self._forward.device)
        carried: tuple[int, Tensor] | None = None  # the next row's number, and what this one adds to it
        strip: Strip | None = None
        for step, results in self._under_way(self._steps(axes, wanted), (image, rows, columns)):
            strip = strip or Strip(axes, shares, step.row, self._scale, wanted is None)
            for column, result in zip(step.columns, results, strict=True):
                strip.add(column, result)
            del result, results  # else they are alive while the band is used
            if not step.ends_row:
                continue
            values, first = strip.values, strip.first
            assert values is not None
            if carried is not None and carried[0] == step.row:  # else nothing is wanted where the two rows fade
                values[:, : carried[1].shape[1]] += carried[1]
            done = down.finished(step.row, self._scale) - first
            carried = step.row + 1, values[:, done:].clone()
            yield first, values[:, :done]
            strip = None
            del values  # else two of them are alive while the next one is made

    def _steps(self, axes: tuple[Axis, Axis], wanted: Tensor | None) -> Iterator[_Step]:
        """What goes through the network at once, from left to right and from top to bottom."""
        down, across = axes
        for row, top in enumerate(down.starts):
            chosen = _chosen(wanted, down, row, across)
            batch = self._tiling.batch  # may fall while the row is under way; the steps of this row may not
            for index in range(0, len(chosen), batch):
                columns = chosen[index : index + batch]
                lefts = [across.starts[column] for column in columns]
                sides = down.window, across.window
                yield _Step(row, columns, top, lefts, sides, index + batch >= len(chosen))

    def _under_way(
        self, steps: Iterator[_Step], picture: tuple[Tensor, Tensor, Tensor]
    ) -> Iterator[tuple[_Step, Tensor]]:
        """Each step's results; where the device computes by itself, the next step is begun before they are waited for.

        picture: as of `bands`, with its rows and columns.
        """
        begun: deque[tuple[_Step, Callable[[], Tensor]]] = deque()
        most = 1 if computes_apart(self._forward.device) else 0
        for step in steps:
            begun.append((step, self._start(*step.windows(*picture))))
            if len(begun) > most:
                ready, results = begun.popleft()
                yield ready, results()
                del ready, results
        while begun:
            ready, results = begun.popleft()
            yield ready, results()

    def _start(self, windows: Tensor, places: list[str]) -> Callable[[], Tensor]:
        """What gives `_run` of these windows, begun where memory has not run out."""
        if len(windows) > self._tiling.batch or max(windows.shape[-2:]) > self._tiling.size:
            return partial(self._run, windows, places)
        started = self._tried(partial(self._forward.start, windows, places), windows)
        if started is None:
            return partial(self._run, windows, places)
        return partial(self._finished, started, windows, places)

    def _finished(self, started: Callable[[], Tensor], windows: Tensor, places: list[str]) -> Tensor:
        result = self._tried(started, windows)
        return self._run(windows, places) if result is None else result

    def _run(self, windows: Tensor, places: list[str]) -> Tensor:
        """(N, C, h, w) → (N, C', h * scale, w * scale), in smaller pieces where memory has run out."""
        if len(windows) > self._tiling.batch:
            return torch.cat([self._run(windows[k : k + 1], places[k : k + 1]) for k in range(len(windows))])
        if max(windows.shape[-2:]) > self._tiling.size:
            return torch.stack([self._run_smaller(window) for window in windows])
        result = self._tried(partial(self._forward, windows, places), windows)
        return self._run(windows, places) if result is None else result

    def _tried(self, attempt: Callable[[], Made], windows: Tensor) -> Made | None:
        """What is attempted; where memory has run out None, and tiles are smaller from now on."""
        try:
            return attempt()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            reason = (str(error).splitlines() or ["out of memory"])[0]
        # outside the except clause, whose traceback keeps the failed call's tensors alive
        self._shrink(windows, reason)
        return None

    def _run_smaller(self, window: Tensor) -> Tensor:
        """A window as a picture of its own: what its inner borders spoil lies in the halo, which is thrown away."""
        rows, columns = (torch.arange(length) for length in window.shape[1:])
        return torch.cat([band for _, band in self.bands(window, rows, columns, self._tiling)], dim=1)

    def _shrink(self, windows: Tensor, reason: str) -> None:
        _free(self._forward.device)
        old = self._tiling
        if len(windows) > 1:
            self._tiling = replace(old, batch=1)
            self._forward.report(f"out of memory with {len(windows)} tiles at once: going on with one ({reason})")
            return
        size = min(old.size, max(windows.shape[-2:]))
        least = smallest_tile(old.halo, self._multiple_of)
        if size <= least:
            raise MemoryError(f"out of memory with the smallest tile, {size} px (halo {old.halo} px): {reason}")
        half = max(round_up(size // 2, self._multiple_of), least)
        self._tiling = replace(old, size=half, blend=min(old.blend, half // 8), batch=1)
        self._forward.report(f"out of memory with a tile of {size} px: going on with {half} px ({reason})")


def _chosen(wanted: Tensor | None, down: Axis, row: int, across: Axis) -> list[int]:
    """The windows of a row that add to what is wanted, by number."""
    numbers = range(len(across.starts))
    if wanted is None:
        return list(numbers)
    first, end = down.span(row, 1)
    there = wanted[first:end].any(dim=0)
    return [number for number in numbers if there[slice(*across.span(number, 1))].any()]


def _window(image: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    return _take(_take(image, 1, rows), 2, columns)


def _take(image: Tensor, axis: int, index: Tensor) -> Tensor:
    first, last = int(index[0]), int(index[-1])
    if last - first == len(index) - 1:  # no padding in it: a view, where index_select would copy whole rows
        return image.narrow(axis, first, len(index))
    return image.index_select(axis, index.to(image.device))


def _place(y: int, x: int, window: Tensor) -> str:
    return f"x={x} y={y}, {window.shape[2]} x {window.shape[1]} px"


def _free(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
