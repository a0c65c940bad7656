"""What a batch says while it goes: results on stdout; on stderr a bar with the time left, in a pipe plain lines."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from img2img.apply.batch.report import PhotoReport


class BatchProgress:
    """The telling of one batch; a context manager."""

    def __init__(self, photos: int, as_json: bool, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._photos = photos
        self._as_json = as_json
        self._told = 0
        self._made = 0
        self._share = 0.0
        self._started = time.monotonic()
        live = self._console.is_terminal and not self._console.is_dumb_terminal
        self._bar = self._new_bar() if live else None

    def _new_bar(self) -> Progress:
        columns = (
            SpinnerColumn(),
            MofNCompleteColumn(),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[left]}"),
            TimeElapsedColumn(),
        )
        # The results on stdout may go somewhere else: they must not be carried over to the console.
        bar = Progress(*columns, console=self._console, redirect_stdout=False, redirect_stderr=False)
        self._task = bar.add_task("photos", total=self._photos, left="")
        return bar

    def __enter__(self) -> BatchProgress:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def watch(self, share: float) -> None:
        """The share of the photo under way that is done."""
        self._share = share
        self._move()

    def tell(self, report: PhotoReport) -> None:
        """A photo is done with: its result's path, or its JSON, on stdout; what happened on stderr."""
        self._told += 1
        self._made += report.state != "skipped"
        self._share = 0.0
        if self._as_json:
            print(report.to_json(), flush=True)
        if not self._as_json or self._bar or report.state == "failed":
            left = "" if self._bar or report.state == "skipped" else self._left()
            self.note(f"[{self._told}/{self._photos}] {report}{left and f', {left}'}")
        # On a terminal the console's line would be broken by a second one that it knows nothing of.
        if not self._as_json and report.state != "failed" and not (self._bar and sys.stdout.isatty()):
            print(report.job.target, flush=True)
        self._move()

    def note(self, line: str) -> None:
        """A line on stderr, above the bar where there is one."""
        self._console.print(Text(line), soft_wrap=True)

    def _move(self) -> None:
        if self._bar:
            self._bar.update(self._task, completed=self._told + self._share, left=self._left())

    def _left(self) -> str:
        """The time left, by the photos that were made so far; "" before the first and after the last."""
        done, waiting = self._made + self._share, self._photos - self._told - self._share
        if done <= 0 or waiting <= 0:
            return ""
        seconds = round((time.monotonic() - self._started) / done * waiting)
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02} left"
