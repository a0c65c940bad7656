"""Pictures that could be read when the data were checked and cannot be read now: another one takes their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from img2img.images import ImageError

SHARE = 4
"""One may always be unreadable; more than one part in this many of a side's pictures end the run."""
TRIES = 8
"""Pictures that are tried after each other in the place of one."""


class Unreadable:
    """Which pictures of a run cannot be read, each named once.

    tell: hears of each, in a line.
    """

    def __init__(self, tell: Callable[[str], None] = lambda line: None) -> None:
        self.tell = tell
        self._found: dict[tuple[int, int], str] = {}

    def note(self, faults: Iterable[Fault]) -> None:
        """Takes in what a group of batches met. Raises ImageError where that is too much for a run."""
        for table, row, rows, reason in faults:
            if (table, row) in self._found:
                continue
            self._found[table, row] = reason
            count = sum(of == table for of, _ in self._found)
            self.tell(f"{reason}; another picture takes its place ({count} of {rows} so far)")
            if count > max(1, rows // SHARE):
                raise ImageError(f"{reason}; {count} of {rows} pictures cannot be read any more, which is too many")


Fault = tuple[int, int, int, str]
"""The number of a table, the row that cannot be read, how many rows there are, and why."""
