"""What a batch says while it goes: results on stdout; on stderr a bar with the time left, in a pipe plain lines."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from img2img.apply.batch.job import Job
from img2img.apply.batch.report import PhotoReport, listing_to_json
from img2img.config.durations import duration
from img2img.config.printable import printable
from img2img.images.listing import Listing

LARGE = 50_000_000
"""Of a result, px: so many take minutes, and are told of before."""
_SECONDS = 10.0
"""Between two lines about one photo where there is no bar."""


class BatchProgress:
    """The telling of one batch; a context manager."""

    def __init__(self, photos: int, as_json: bool, console: Console | None = None, *, quiet: bool = False) -> None:
        """quiet: nothing on stderr but failures."""
        self._console = console or Console(stderr=True)
        self._photos = photos
        self._as_json = as_json
        self._told = 0
        self._made = 0
        self._share = 0.0
        self._started = self._began = self._spoke = time.monotonic()
        self._source = ""
        self._quiet = quiet
        live = not quiet and self._console.is_terminal and not self._console.is_dumb_terminal
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
        """The share of the photo under way that is done; without a bar a line now and then."""
        self._share = share
        self._move()
        now = time.monotonic()
        if not self._bar and 0 < share < 1 and now - self._spoke >= _SECONDS:
            self._spoke = now
            left = duration((now - self._began) / share * (1 - share))
            self.note(f"[{self._told + 1}/{self._photos}] {self._source}: {share:.0%}, {left} left for this one")

    def starting(self, job: Job, width: int, height: int) -> None:
        """A photo's conversion begins; where its result is large, how large it will be."""
        self._source = str(job.source)
        self._began = self._spoke = time.monotonic()
        if width * height >= LARGE:
            self.note(
                f"{job.source} → {width} x {height} px, {width * height / 1e6:,.0f} megapixels: this takes a while"
            )
            self._spoke -= _SECONDS  # the estimate as soon as there is one

    def tell_listing(self, listing: Listing) -> None:
        """What a folder holds that is no photo that is read."""
        if self._as_json:
            for line in listing_to_json(listing):
                print(line, flush=True)
        for path, reason in listing.troubles:
            self._say(f"failed: {path}: {reason}")
        if words := listing.left_out_in_words():
            self.note(f"{listing.folder}: left out: {words}")

    def tell(self, report: PhotoReport) -> None:
        """A photo is done with: its result's path, or its JSON, on stdout; what happened on stderr."""
        self._told += 1
        self._made += report.state == "written"  # others take no time worth counting
        self._share = 0.0
        if self._as_json:
            print(report.to_json(), flush=True)
        if not self._as_json or self._bar or report.state == "failed":
            left = self._left() if not self._bar and report.state == "written" else ""
            line = f"[{self._told}/{self._photos}] {report}{left and f', {left}'}"
            (self._say if report.state == "failed" else self.note)(line)
        # On a terminal the console's line would be broken by a second one that it knows nothing of.
        if not self._as_json and report.state != "failed" and not (self._bar and sys.stdout.isatty()):
            print(report.job.target, flush=True)
        self._move()

    def note(self, line: str) -> None:
        """A line on stderr, above the bar where there is one."""
        if not self._quiet:
            self._say(line)

    def _say(self, line: str) -> None:
        self._console.print(Text(printable(line)), soft_wrap=True)

    def _move(self) -> None:
        if self._bar:
            self._bar.update(self._task, completed=self._told + self._share, left=self._left())

    def _left(self) -> str:
        """The time left, by the photos that were made so far; "" before the first and after the last."""
        done, waiting = self._made + self._share, self._photos - self._told - self._share
        if done <= 0 or waiting <= 0:
            return ""
        return f"{duration((time.monotonic() - self._started) / done * waiting)} left"
