"""Why a run ends before its last step: a signal, the clock."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Whether to end the run after this step, and why."""

    def __init__(self, time_limit: float | None, started: float | None = None) -> None:
        self.time_limit = time_limit
        self.started = time.monotonic() if started is None else started
        self.signal: str | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    @property
    def reason(self) -> str | None:
        """Why to stop, or None."""
        if self.signal:
            return self.signal
        if self.time_limit is not None and self.elapsed >= self.time_limit:
            return "time limit"
        return None


@contextmanager
def stop_on_signals(time_limit: float | None, started: float | None = None) -> Iterator[Stop]:
    """SIGINT (Ctrl-C) and SIGTERM ask the run to end after its step; a second one ends it at once."""
    stop = Stop(time_limit, started)

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.signal:
            raise KeyboardInterrupt
        stop.signal = "interrupted" if number == signal.SIGINT else "terminated"

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    previous = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
