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
    steps = count(first_step)
    with ThreadPoolExecutor(threads, thread_name_prefix="batches") as pool:
        ahead = deque(pool.submit(batches.__getitem__, next(steps)) for _ in range(threads + 1))
        try:
            while True:
                batch = ahead.popleft().result()
                ahead.append(pool.submit(batches.__getitem__, next(steps)))
                yield batch
        finally:
            for future in ahead:
                future.cancel()


def in_processes(
    batches: Batches, first_step: int, processes: int, pinned: bool, start_method: str | None = None
) -> Generator[Batch, None, None]:
    """Batches from `first_step` on, endlessly, made by worker processes that live as long as the iterator.

    start_method: fork, spawn or forkserver; None: the system's own.
    """
    loader = DataLoader(
        _Steps(batches),
        batch_size=None,
        sampler=count(first_step),  # any iterable will do; this one has no end
        num_workers=processes,
        pin_memory=pinned,
        worker_init_fn=_quiet_worker,
        multiprocessing_context=start_method,
        generator=torch.Generator(),  # else the iterator draws a seed from the global one, and resume is not exact
    )
    for batch in loader:
        if isinstance(batch, ImageError):
            raise batch
        yield batch


class _Steps(Dataset[Batch | ImageError]):
    """Batches for a DataLoader. An unreadable file travels as a value: raised in a worker, it would come wrapped in
    a traceback instead of being one line."""

    def __init__(self, batches: Batches) -> None:
        self.batches = batches

    def __getitem__(self, step: int) -> Batch | ImageError:
        try:
            return self.batches[step]
        except ImageError as error:
            return ImageError(*error.args)


def _quiet_worker(number: int) -> None:
    """A process for each core needs no threads of its own."""
    cv2.setNumThreads(0)
