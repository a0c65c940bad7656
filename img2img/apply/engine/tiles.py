"""A network over a picture of any size in bounded memory: tiles with halo, cross-faded on the CPU."""

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from .forward import Forward, Network, Notify, is_out_of_memory
from .tiling import Axis, Tiling, cut, padding_index, round_up, smallest_tile


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
    Returns (C', H * scale, W * scale) float32 on the CPU.
    Raises NotFiniteError; ValueError where the network's output has another size; what the network raises.
    """
    rows, columns = (padding_index(length, multiple_of, minimum) for length in image.shape[1:])
    padded = _window(image, rows, columns)
    forward = Forward(net, scale, precision, report)
    out = forward(padded[None], [_place(0, 0, padded)])
    # a plain tensor: those born in inference mode may not be changed in place outside it
    return out[0, :, : image.shape[1] * scale, : image.shape[2] * scale].clone()


def assembled(bands: Iterator[tuple[int, Tensor]], height: int) -> Tensor:
    """Bands (y, (C, h, W)) that cover a picture from top to bottom -> the picture (C, height, W) float32."""
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
    Yields (y, band) from top to bottom, each band (C', h, W * scale) float32 on the CPU, finished and the caller's.
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
        down, across = (cut(len(index), tiling, self._multiple_of) for index in (rows, columns))
        carried: Tensor | None = None
        for number in range(len(down.starts)):
            first, _ = down.span(number, self._scale)
            chosen = _chosen(wanted, down, number, across)
            if not chosen:
                carried = None  # where two rows of tiles fade, what is wanted is so in both
                continue
            strip = self._strip(image, rows, columns, (down, number), across, chosen)
            if carried is not None:
                strip[:, : carried.shape[1]] += carried
            done = down.finished(number, self._scale) - first
            carried = strip[:, done:].clone()
            yield first, strip[:, :done]
            del strip  # else two of them are alive while the next one is made

    def _strip(
        self, image: Tensor, rows: Tensor, columns: Tensor, row: tuple[Axis, int], across: Axis, wanted: list[int]
    ) -> Tensor:
        """Windows of one row, weighted and added up over its span: (C', end - first, W * scale)."""
        down, number = row
        y, scale = down.starts[number], self._scale
        first, end = down.span(number, scale)
        vertical = down.weights(number, scale)[:, None]
        strip: Tensor | None = None
        batch = self._tiling.batch  # may fall while the row is under way; the steps of this row may not
        for index in range(0, len(wanted), batch):
            chosen = wanted[index : index + batch]
            lefts = [across.starts[k] for k in chosen]
            windows = [_window(image, rows[y : y + down.window], columns[x : x + across.window]) for x in lefts]
            results = self._run(torch.stack(windows), [_place(y, x, windows[0]) for x in lefts])
            if strip is None:
                strip = torch.zeros(results.shape[1], end - first, across.length * scale)
            for k, result in zip(chosen, results, strict=True):
                left, right = across.span(k, scale)
                x = across.starts[k] * scale
                part = result[:, first - y * scale : end - y * scale, left - x : right - x]
                strip[:, :, left:right] += part * (vertical * across.weights(k, scale))
        assert strip is not None
        return strip

    def _run(self, windows: Tensor, places: list[str]) -> Tensor:
        """(N, C, h, w) → (N, C', h * scale, w * scale), in smaller pieces where memory has run out."""
        if len(windows) > self._tiling.batch:
            return torch.cat([self._run(windows[k : k + 1], places[k : k + 1]) for k in range(len(windows))])
        if max(windows.shape[-2:]) > self._tiling.size:
            return torch.stack([self._run_smaller(window) for window in windows])
        try:
            return self._forward(windows, places)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            reason = (str(error).splitlines() or ["out of memory"])[0]
        # outside the except clause, whose traceback keeps the failed call's tensors alive
        self._shrink(windows, reason)
        return self._run(windows, places)

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
