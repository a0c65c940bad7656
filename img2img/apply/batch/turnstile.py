"""How many photos are in memory at once: as many as have room, in their order."""

from __future__ import annotations

import threading


class Turnstile:
    """Lets photos in one after the other, as long as what is inside stays below a limit; one always may be inside.

    Each has a number, counted from 0, and they come in by their numbers: whoever waits for the first one never waits
    for a later one that took its room.
    """

    def __init__(self, limit: int) -> None:
        """limit: bytes."""
        self._limit = limit
        self._inside = 0
        self._next = 0
        self._closed = False
        self._changed = threading.Condition()

    def enter(self, number: int, size: int) -> bool:
        """Wait for a turn and for room for `size` bytes; False where the turnstile was closed meanwhile."""
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._closed or (self._next == number and (self._inside == 0 or self._inside + size <= self._limit))
                )
            )
            if self._closed:
                return False
            self._next += 1
            self._inside += size
            self._changed.notify_all()
            return True

    def leave(self, size: int) -> None:
        """Give the room back."""
        with self._changed:
            self._inside -= size
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody in any more, and those who wait go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
