"""Batches made ahead of need, by threads or by processes, in the order of the steps."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from torch import Tensor

from .batches import Batches, Group
from .unreadable import Unreadable
from .workers import groups_of

Batch = dict[str, Tensor]


def in_threads(
    batches: Batches, first_step: int, threads: int, unreadable: Unreadable | None = None
) -> Generator[Batch, None, None]:
    """Batches from `first_step` on, endlessly; for sets that lie in memory, or are read in the main process.

    unreadable: hears of pictures that cannot be read.
    """
    first_group, skipped = divmod(first_step, batches.windows)
    groups = count(first_group)

    def made() -> Iterator[Group]:
        while True:
            group = ahead.popleft().result()
            ahead.append(pool.submit(batches.group, next(groups)))
            yield group

    with ThreadPoolExecutor(threads, thread_name_prefix="batches") as pool:
        ahead = deque(pool.submit(batches.group, next(groups)) for _ in range(threads + 1))
        try:
            yield from _unpacked(made(), skipped, unreadable or Unreadable())
        finally:
            for future in ahead:
                future.cancel()


def in_processes(
    batches: Batches,
    first_step: int,
    processes: int,
    pinned: bool,
    unreadable: Unreadable | None = None,
    start_method: str | None = None,
) -> Generator[Batch, None, None]:
    """Batches from `first_step` on, endlessly, made by worker processes that live as long as the iterator.

    start_method: fork, spawn or forkserver; None: the system's own. Raises WorkerDied where one ends.
    """
    first_group, skipped = divmod(first_step, batches.windows)
    groups = groups_of(batches, first_group, processes, pinned, start_method)
    try:
        yield from _unpacked(groups, skipped, unreadable or Unreadable())
    finally:
        groups.close()


def _unpacked(groups: Iterator[Group], skipped: int, unreadable: Unreadable) -> Iterator[Batch]:
    for group in groups:
        unreadable.note(group.faults)
        yield from group.batches[skipped:]
        skipped = 0
