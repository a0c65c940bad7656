"""The engine: photo → [-1, 1] → network in tiles → photo, whatever its size, channels, depth and transparency."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from img2img.apply.conversion import ConvertedPhoto, Watch, check_room
from img2img.config.apply import Tile
from img2img.config.card import ModelCard, Task
from img2img.config.networks import SizeNeeds
from img2img.config.sections.run import PrecisionName
from img2img.fastest import Work, fastest
from img2img.images import Photo, bleed, to_samples
from img2img.images.atomic import sha256
from img2img.images.decode import Samples
from img2img.images.samples import fit_channels
from img2img.machine import DTYPES, free_bytes

from .arrival import Arrival, computes_apart
from .given_statistics import has_instance_norms, keep_statistics, with_given_norms
from .memory_use import TRIAL_SIDE, bytes_per_pixel
from .packing import packed
from .rescale import reduced, resized_bands, resized_rows
from .sizing import AS_MADE, Sizing
from .tile_choice import Memory, choose_alike, choose_tiles, on_cpu, on_gpu, thumbnail_size, whole
from .tiles import assembled, run_whole, tiled_bands
from .tiling import Tiling


@dataclass(frozen=True, eq=False)
class Model:
    """A network ready to be applied: what it takes, what it makes of it, and how it is to be run.

    channels: of its input, 1 or 3. scale: how many times the network enlarges; sizing: what its result is scaled down
    to. needs: which sizes it takes. label: what a result's name says it became. precisions: those that the network is
    known to work in. noise: the seed of its dropout, or None for none. settings: what else decides the result, for the
    manifest. note: what a user should know of the choice. about: the model card, None for other people's weights.
    """

    network: nn.Module
    task: Task
    channels: int
    scale: int
    needs: SizeNeeds
    label: str
    device: torch.device
    path: Path
    precision: PrecisionName = "auto"
    precisions: tuple[PrecisionName, ...] = ("fp32", "bf16", "fp16")
    tile: Tile = "auto"
    noise: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    about: ModelCard | None = None
    sizing: Sizing = AS_MADE

    def __str__(self) -> str:
        return f"{self.task} ×{self.scale}, {self.path}, on {self.device}"

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) of the result for a photo of so many px. Raises SizeError where the network has not that."""
        return self.sizing.size(width, height, self.scale)

    def convert(self, photo: Photo, bits: Literal[8, 16] | None = None, watch: Watch | None = None) -> ConvertedPhoto:
        """The photo through the network, `size_of` its size, its transparency, profile and metadata kept.

        Bands of the result become integers as they are finished: only the result's own samples are ever whole. A grey
        photo comes back grey from a network that makes colour of colour. bits: of the result, the photo's own for None.
        Raises NotFiniteError, SizeError; MemoryError where the result or the smallest tile does not fit.
        """
        bits = bits or photo.bits
        pixels = bleed(photo.pixels, photo.alpha)
        grey = photo.pixels.shape[0] == 1 and self.channels == 3
        width, height = size = self.size_of(photo.width, photo.height)
        check_room(width, height, bits)
        notes = [photo.note]
        samples: Samples | None = None
        for top, part in self._packed(fit_channels(pixels, self.channels), bits, grey, notes.append):
            bottom = top + len(part)
            if samples is None:
                samples = np.empty((height, width, part.shape[2] + (photo.alpha is not None)), part.dtype)
            samples[top:bottom, :, : part.shape[2]] = part
            if photo.alpha is not None:
                alpha = resized_rows(photo.alpha, top, bottom, size)
                samples[top:bottom, :, part.shape[2] :] = to_samples(alpha[:0], bits, alpha)
            del part  # or it stays while the next one is made
            if watch:
                watch(bottom / height)
        assert samples is not None
        kept = samples.shape[2] - (photo.alpha is not None) == photo.pixels.shape[0]
        if photo.icc and not kept:
            notes.append("colour profile left out, as the result has other channels")
        note = "; ".join(dict.fromkeys(filter(None, notes)))
        return ConvertedPhoto(samples, photo.icc if kept else None, photo.exif, photo.format, note, photo.more)

    def convert_floats(self, photo: Photo) -> Photo:
        """As `convert`, for pixels in [-1, 1] that stay floats: only the result's pixels and alpha count."""
        grey = photo.pixels.shape[0] == 1 and self.channels == 3
        made = self.run(fit_channels(bleed(photo.pixels, photo.alpha), self.channels)).clamp(-1, 1)
        made = fit_channels(made, 1) if grey else made
        size = made.shape[2], made.shape[1]
        return Photo(made, None if photo.alpha is None else resized_rows(photo.alpha, 0, size[1], size))

    def run(self, pixels: Tensor) -> Tensor:
        """The network on one picture: float32 (C, H, W) in [-1, 1] -> (C', H', W') of `size_of` that, about
        [-1, 1].

        C is `channels`. Tiled as `convert` does it; what has to be reported becomes a warning.
        """
        return assembled(self.bands(pixels, 16, None), self.size_of(pixels.shape[2], pixels.shape[1])[1])

    def _packed(
        self, pixels: Tensor, bits: Literal[8, 16], grey: bool, report: Callable[[str], None]
    ) -> Iterator[tuple[int, Samples]]:
        """As `bands`, as integers (h, W, C) on the host. grey: made one channel of three.

        Where the device computes by itself, a band is waited for when the next one is made.
        """
        coming: deque[tuple[int, Arrival]] = deque()
        most = 1 if computes_apart(self.device) else 0
        for top, band in self.bands(pixels, bits, report):
            coming.append((top, Arrival(packed(fit_channels(band.clamp(-1, 1), 1) if grey else band, bits))))
            del band
            if len(coming) > most:
                ready, part = coming.popleft()
                yield ready, part.wait().numpy()
                del part
        for ready, part in coming:
            yield ready, part.wait().numpy()

    def bands(
        self, pixels: Tensor, bits: Literal[8, 16], report: Callable[[str], None] | None
    ) -> Iterator[tuple[int, Tensor]]:
        """The result from top to bottom, as (y, float32 (C', h, W')), on the network's device.

        bits: of what the result becomes, which decides how exact the arithmetic has to be. report: takes what a user
        should know of tiles; a warning for None.
        """
        height, width = pixels.shape[1:]
        made, wanted = (width * self.scale, height * self.scale), self.size_of(width, height)
        bands = self._made_by_network(pixels, bits, report)
        return bands if made == wanted else resized_bands(bands, made, wanted)

    def _made_by_network(
        self, pixels: Tensor, bits: Literal[8, 16], report: Callable[[str], None] | None
    ) -> Iterator[tuple[int, Tensor]]:
        """As `bands`, `scale` times as large."""
        needs, dtype = self.needs, self.dtype(bits)
        if self.tile == "off":
            self._seed()
            made = run_whole(
                self.network, pixels, needs.multiple_of, needs.minimum, scale=self.scale, precision=dtype, report=report
            )
            yield 0, made
            return
        network, tiling, note = self._cut(pixels, dtype)
        if note and report:
            report(note)
        self._seed()  # only now: the choice of tiles may have run the network, which draws, too
        yield from tiled_bands(
            network, pixels, tiling, self.scale, needs.multiple_of, needs.minimum, precision=dtype, report=report
        )

    def _cut(self, pixels: Tensor, dtype: torch.dtype) -> tuple[nn.Module, Tiling, str]:
        """The network as it is run on each tile, the tiles, and a note where they change the result."""
        assert self.tile != "off"
        height, width = pixels.shape[1:]
        memory = self._memory(height, width)
        tiling, note = choose_tiles(height, width, self.needs, self.scale, memory, self.tile)
        if self.needs.exact_tiling or whole(height, width, self.needs, tiling) or not has_instance_norms(self.network):
            return self.network, tiling, note
        tiling = choose_alike(width, self.needs, self.scale, memory, self.tile)
        low = thumbnail_size(height, width, self.needs, memory)
        network = self._with_statistics_of(reduced(pixels, low), dtype)
        said = f"in tiles of {tiling.size} px, normalised by statistics of a copy of {low[1]} x {low[0]} px"
        return network, tiling, f"{said}: tones may differ a little from those of the whole"

    def _with_statistics_of(self, thumbnail: Tensor, dtype: torch.dtype) -> nn.Module:
        """The network, its instance norms normalising whatever they see by the statistics of this picture."""
        network, needs = with_given_norms(self.network), self.needs
        run_whole(network, thumbnail, needs.multiple_of, needs.minimum, scale=self.scale, precision=dtype)
        keep_statistics(network)
        return network

    def _seed(self) -> None:
        """For each photo, so that its result does not depend on those before it."""
        if self.noise is not None:
            torch.manual_seed(self.noise)

    def _memory(self, height: int, width: int) -> Memory:
        free = free_bytes(self.device)
        # What is no larger than the trial fits wherever the trial does, which would take as long as the photo itself.
        per_pixel = self._bytes_per_pixel if height * width > TRIAL_SIDE**2 else 1.0
        return (on_cpu if self.device.type == "cpu" else on_gpu)(per_pixel, free)

    @cached_property
    def weights(self) -> str:
        """The SHA-256 of the weights file."""
        return sha256(self.path)

    def dtype(self, bits: int) -> torch.dtype:
        """For auto fp32 where 16 bits are wanted, else what is fastest on the device and the network takes."""
        if self.precision != "auto":
            return DTYPES[self.precision]
        if bits == 16:
            return torch.float32
        work: Work = "translate" if self.task == "translate" else "apply"
        return DTYPES[next(name for name in fastest(self.device, work) if name in self.precisions)]

    @cached_property
    def _bytes_per_pixel(self) -> float:
        return bytes_per_pixel(self.network, self.channels, self.needs, self.device)
