"""Batches made ahead of need, by threads or by processes, in the order of the steps."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from img2img.images import ImageError

from .batches import Batches

Batch = dict[str, Tensor]


def in_threads(batches: Batches, first_step: int, threads: int) -> Generator[Batch, None, None]:
    """Batches from `first_step` on, endlessly; for sets that lie in memory, or are read in the main process."""
    first_group, skipped = divmod(first_step, batches.windows)
    groups = count(first_group)
    with ThreadPoolExecutor(threads, thread_name_prefix="batches") as pool:
        ahead = deque(pool.submit(batches.group, next(groups)) for _ in range(threads + 1))
        try:
            while True:
                group = ahead.popleft().result()
                ahead.append(pool.submit(batches.group, next(groups)))
                yield from group[skipped:]
                skipped = 0
        finally:
            for future in ahead:
                future.cancel()


def in_processes(
    batches: Batches, first_step: int, processes: int, pinned: bool, start_method: str | None = None
) -> Generator[Batch, None, None]:
    """Batches from `first_step` on, endlessly, made by worker processes that live as long as the iterator.

    start_method: fork, spawn or forkserver; None: the system's own.
    """
    first_group, skipped = divmod(first_step, batches.windows)
    loader = DataLoader(
        _Groups(batches),
        batch_size=None,
        sampler=count(first_group),  # any iterable will do; this one has no end
        num_workers=processes,
        pin_memory=pinned,
        worker_init_fn=_quiet_worker,
        multiprocessing_context=start_method,
        generator=torch.Generator(),  # else the iterator draws a seed from the global one, and resume is not exact
    )
    for group in loader:
        if isinstance(group, ImageError):
            raise group
        yield from group[skipped:]
        skipped = 0


class _Groups(Dataset[list[Batch] | ImageError]):
    """Groups of batches for a DataLoader. An unreadable file travels as a value: raised in a worker, it would come
    wrapped in a traceback instead of being one line."""

    def __init__(self, batches: Batches) -> None:
        self.batches = batches

    def __getitem__(self, number: int) -> list[Batch] | ImageError:
        try:
            return self.batches.group(number)
        except ImageError as error:
            return ImageError(*error.args)


def _quiet_worker(number: int) -> None:
    """A process for each core needs no threads of its own."""
    cv2.setNumThreads(0)
