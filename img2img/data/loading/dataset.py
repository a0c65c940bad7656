"""Training data: what is checked, read, shuffled and batched, the same on every run with the same seed."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from img2img.config.sections.data import ImageData, ImagesData, Shape
from img2img.data.folders.check import check
from img2img.data.folders.find import Domains, Pairs, Picture
from img2img.data.folders.summary import DataSummary, raise_for_errors
from img2img.data.sides import Sides
from img2img.machine import free_memory

from .batches import LABEL, Batches, Table, stacked, window
from .order import Order
from .prefetch import in_processes, in_threads
from .rows import Rows
from .unreadable import Unreadable

MOST_WORKERS = 8
SHARE_OF_FREE_MEMORY = 4
"""With --cache auto, pictures are kept where they take less than one part in this many of the free memory."""


class TrainingData:
    """Pictures to train on, as endless batches. Sides that go together keep the same index and geometry (pairs);
    other sides are shuffled each for itself (unpaired domains).

    train, shown: tables of what is trained on, and of what sample sheets show, which no crop has to fit in.
    names: what the model card calls each side. channels: 1 or 3 for each side. classes: names by label.
    """

    def __init__(
        self,
        train: Sequence[Table],
        shown: Sequence[Table],
        options: ImageData,
        summary: DataSummary,
        names: Mapping[str, str],
        *,
        classes: Sequence[str] = (),
        paired: bool = False,
    ) -> None:
        self.summary, self.names, self.classes, self.paired = summary, names, classes, paired
        self.channels = {side: facts.channels for side, facts in summary.sides.items()}
        self._options = options
        self._windows = options.windows if isinstance(options, ImagesData) else 1
        self._deep = {side: facts.deep > 0 for side, facts in summary.sides.items()}
        self._train, self._shown = list(train), list(shown)
        self.pinned = False
        """Whether batches lie in memory from which a CUDA device copies while it computes."""
        self.unreadable = Unreadable()
        """Pictures that have become unreadable since the check."""

    @property
    def sides(self) -> Sides:
        """What a recipe is told of it."""
        return Sides(self.channels, self.names, self.classes)

    def __len__(self) -> int:
        """Images of an epoch: the pairs, the larger of the domains, or the windows of all pictures."""
        return max(len(rows) for rows in self._train) * self._windows

    def steps_per_epoch(self, images_per_step: int) -> int:
        """Steps until every image, or window, has been seen once."""
        return math.ceil(len(self) / images_per_step)

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Generator[dict[str, Tensor], None, None]:
        """The batches of micro-steps first_step, first_step + 1, ... of this rank, endlessly.

        Batch i is a function of (seed, i, rank) alone, and the global random state is left as it is. Closing the
        generator stops the threads or processes that read ahead.

        Returns: {side: (N, C, *options.loaded_shape)}; uint8, or float32 in [0, 1] for a domain with
        16-bit pictures. A picture that has become unreadable since the check is named once, and the next one takes its
        place.
        Raises: ImageError, naming the file, where one part in four of a side is unreadable; WorkerDied.
        """
        keep, workers = self._keeps_in_memory(ranks), self._workers(ranks)
        if keep:
            self._train = [rows.keeping(True) for rows in self._train]
        orders = [
            Order(len(rows), seed, stream, batch_size, rank, ranks, self._windows)
            for stream, rows in enumerate(self._train)
        ]
        tables = list(zip(self._train, orders, strict=True))
        if keep or workers == 0:
            batches = Batches(tables, self._options.loaded_shape, self._deep, self.pinned)
            return in_threads(batches, first_step, max(workers, 1), self.unreadable)
        batches = Batches(tables, self._options.loaded_shape, self._deep)
        return in_processes(batches, first_step, workers, self.pinned, self.unreadable)

    def fixed(self, count: int) -> dict[str, Tensor]:
        """Up to `count` pictures of each side for sample sheets, evenly spread over the validation set (over the
        training set where there is none), class by class where they have any, the middle of each:
        {side: (N, C, *options.shape)}, always the same; and their "label" (N,).
        """
        count = min(count, *(len(rows) for rows in self._shown))
        shown: dict[str, Tensor] = {}
        for rows in self._shown:
            places = np.linspace(0, len(rows) - 1, count).round().astype(int)
            by_class = places if rows.labels is None else np.argsort(rows.labels, kind="stable")[places]
            shown |= self._middles(rows, by_class.tolist())
        return shown

    def in_order(self, batch_size: int) -> Generator[dict[str, Tensor], None, None]:
        """Every training row once, in order, the middle of each, in batches of `batch_size` and the rest.

        Returns: {side: (N, C, *options.shape)}, as `fixed`. Raises: ImageError, naming a file that cannot be read.
        """
        for rows in self._train:
            for first in range(0, len(rows), batch_size):
                yield self._middles(rows, range(first, min(first + batch_size, len(rows))))

    def _middles(self, rows: Table, places: Sequence[int]) -> dict[str, Tensor]:
        """The middles of some rows, side by side, and their labels."""
        chosen = [rows[place] for place in places]
        found = {
            side: stacked([window(row[side], self._options.shape, 0.5, 0.5) for row in chosen], self._deep[side])
            for side in rows.channels
        }
        return found if rows.labels is None else found | {LABEL: torch.from_numpy(rows.labels[list(places)])}

    def _keeps_in_memory(self, ranks: int) -> bool:
        if self._options.cache != "auto":
            return self._options.cache == "memory"
        needed = sum(rows.bytes_in_memory(self.summary.facts) for rows in self._train)
        return needed * ranks < free_memory() / SHARE_OF_FREE_MEMORY

    def _workers(self, ranks: int) -> int:
        if self._options.workers is not None:
            return self._options.workers
        return max(1, min(MOST_WORKERS, _cores() // ranks))


def open_data(
    found: Domains,
    options: ImageData,
    *,
    decode: bool = True,
    tell: Callable[[DataSummary], None] = lambda summary: None,
) -> TrainingData:
    """Checks what was found and opens it; `tell` hears the summary first, whatever is in it.

    decode: as in `check`. Raises: DataError, with a line for each thing that forbids training.
    """
    summary = check(found, options, decode=decode)
    tell(summary)
    raise_for_errors(summary)
    paired = isinstance(found, Pairs)
    channels = {side: facts.channels for side, facts in summary.sides.items()}

    def tables(sides: Mapping[str, tuple[Picture, ...]], shape: Shape) -> list[Rows]:
        groups = [sides] if paired else [{side: pictures} for side, pictures in sides.items()]
        return [Rows(group, channels, shape, options.fit, label_side=options.label_side) for group in groups]

    held_out = {side: pictures or found.train[side] for side, pictures in found.val.items()}
    return TrainingData(
        tables(found.train, options.loaded_shape),
        tables(held_out, options.shape),
        options,
        summary,
        found.names,
        classes=found.classes,
        paired=paired,
    )


class OpenData(Protocol):
    """What finds, checks and opens the data that the options name; as `open_data` from there on."""

    def __call__(self, options: Any, *, decode: bool, tell: Callable[[DataSummary], None]) -> TrainingData: ...


def from_files(find: Callable[[Any], Domains]) -> OpenData:
    """Opens what `find` finds."""

    def opened(options: Any, *, decode: bool, tell: Callable[[DataSummary], None]) -> TrainingData:
        return open_data(find(options), options, decode=decode, tell=tell)

    return opened


def _cores() -> int:
    """Cores that this process may use; a container or taskset leaves fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
