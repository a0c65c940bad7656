"""Threads that may be left behind: one that hangs in a read does not keep the program from ending."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Readers(Generic[T]):
    """A few threads that work on calls in their order. The executor of the standard library waits for its threads at
    the end of the program, for ever where one reads from a network drive that is gone."""

    def __init__(self, count: int) -> None:
        self._calls: queue.SimpleQueue[tuple[Future[T], Callable[[], T]] | None] = queue.SimpleQueue()
        self._count = count
        for number in range(count):
            threading.Thread(target=self._work, name=f"read_{number}", daemon=True).start()

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """What the call will return or raise."""
        future: Future[T] = Future()
        self._calls.put((future, call))
        return future

    def leave(self) -> None:
        """The threads end after what they are at; nobody waits for them."""
        for _ in range(self._count):
            self._calls.put(None)

    def _work(self) -> None:
        while item := self._calls.get():
            future, call = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:
                future.set_exception(error)
