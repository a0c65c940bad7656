"""Threads that may be left behind: one that hangs in a read does not keep the program from ending."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds that a read may still take when the batch has ended: 100 megapixels of JPEG took 2.2."""


class Readers(Generic[T]):
    """A few threads that work on calls in their order. The executor of the standard library waits for its threads at
    the end of the program, for ever where one reads from a network drive that is gone."""

    def __init__(self, count: int) -> None:
        self._calls: queue.SimpleQueue[tuple[Future[T], Callable[[], T]] | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work, name=f"read_{n}", daemon=True) for n in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """What the call will return or raise."""
        future: Future[T] = Future()
        self._calls.put((future, call))
        return future

    def leave(self) -> None:
        """The threads end after what they are at; one that hangs is left behind.

        They are waited for, since a thread that Python ends in the middle of C++ code (a tensor that is freed, a
        decoder) takes the program with it: SIGABRT, "terminate called without an active exception".
        """
        for _ in self._threads:
            self._calls.put(None)
        end = time.monotonic() + PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _work(self) -> None:
        while item := self._calls.get():
            _answer(*item)
            del item  # else a photo is kept until the next one is read


def _answer(future: Future[T], call: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(call())
    except BaseException as error:
        future.set_exception(error)
