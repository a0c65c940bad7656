"""What a run says of itself while it goes: a live bar on a terminal, plain lines in a pipe, both on stderr."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType

from rich.columns import Columns
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

WINDOW = 60.0
"""How far back the speed looks, seconds."""
TERMS = 8
"""Most loss terms that are shown, the first ones."""


class Progress:
    """The bar of one run, from its first step to its total; a context manager.

    with Progress(total=2000, first_step=0, description="cyclegan", images_per_step=4) as progress:
        progress.update(step)               # each step: stores two numbers, the drawing has its own pace
        progress.log(step, numbers)         # each line of the log
        progress.note("saved runs/zebras")  # a line above the bar
    """

    def __init__(
        self,
        total: int,
        first_step: int,
        description: str,
        console: Console | None = None,
        images_per_step: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Length and start in steps, `first_step` being those already done; the clock in seconds."""
        self.total = total
        self.description = description
        self.console = console or Console(stderr=True)
        self._images_per_step = images_per_step
        self._clock = clock
        self._step = first_step
        self._numbers: Mapping[str, float] = {}
        self._started = clock()
        self._marks = deque([(self._started, first_step)])
        # Live must not catch stdout: there the results go, and it would carry them over to stderr.
        live = self.console.is_terminal and not self.console.is_dumb_terminal
        self._live = Live(self, console=self.console, redirect_stdout=False) if live else None

    def __enter__(self) -> Progress:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def update(self, step: int, numbers: Mapping[str, float] | None = None) -> None:
        """Say that `step` steps are done, and the newest numbers if there are any; cheap enough for every step."""
        self._step = step
        if numbers is not None:
            self._numbers = numbers
        now = self._clock()
        self._marks.append((now, step))
        # One mark a second will do, and at least one stays from before the window.
        if len(self._marks) > 2 and now - self._marks[-3][0] < 1.0:
            del self._marks[-2]
        while len(self._marks) > 2 and self._marks[1][0] <= now - WINDOW:
            self._marks.popleft()

    def log(self, step: int, numbers: Mapping[str, float]) -> None:
        """As `update`; in a pipe it also prints one plain line."""
        self.update(step, numbers)
        if not self._live:
            self.note("  ".join([f"step {step}/{self.total}", *self._terms(), *self._pace()]))

    def note(self, line: str) -> None:
        """Print one line, above the bar where there is one."""
        self.console.print(Text(line), soft_wrap=True)

    @property
    def steps_per_second(self) -> float:
        """Over the last minute; 0 before the second step."""
        (then, first), (now, last) = self._marks[0], self._marks[-1]
        return (last - first) / (now - then) if now > then else 0.0

    @property
    def images_per_second(self) -> float:
        """Over the last minute, pauses for checkpoints and sheets included; 0 before the second step."""
        return self.steps_per_second * self._images_per_step

    @property
    def seconds_left(self) -> float | None:
        """At the speed of the last minute; None while that is unknown."""
        speed = self.steps_per_second
        return max(0, self.total - self._step) / speed if speed > 0 else None

    def __rich__(self) -> Group:
        """The live display: the bar, the pace under it, and the losses under that."""
        head = Table.grid(padding=(0, 2), expand=True)
        head.add_column(no_wrap=True)
        head.add_column(no_wrap=True)
        head.add_column(ratio=1)
        head.add_row(
            Text(self.description, style="bold"),
            Text(f"{self._step:,} / {self.total:,}"),
            ProgressBar(total=max(1, self.total), completed=self._step),
        )
        elapsed = f"{duration(self._clock() - self._started)} so far"
        terms = Columns([Text(term, style="dim") for term in self._terms()], padding=(0, 2))
        return Group(head, Text("  ".join([*self._pace(), elapsed])), terms)

    def _terms(self) -> list[str]:
        """The first loss terms, `generator/l1 0.213`, and how many steps were skipped if any were."""
        names = [name for name in self._numbers if "/" in name][:TERMS]
        terms = [f"{name} {self._numbers[name]:.3g}" for name in names]
        skipped = self._numbers.get("skipped", 0)
        return [*terms, f"skipped {skipped:.0f}"] if skipped else terms

    def _pace(self) -> list[str]:
        """Images a second, memory if it is known, time left."""
        left = self.seconds_left
        memory = self._numbers.get("memory_gib", 0.0)
        return [
            f"{self.images_per_second:.1f} images/s",
            *([f"{memory:.1f} GiB"] if memory else []),
            f"ETA {'-' if left is None else duration(left)}",
        ]


def duration(seconds: float) -> str:
    """`0:02:10`, and with days `3 d 4:00:00`."""
    days, rest = divmod(round(seconds), 86400)
    clock = f"{rest // 3600}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{days} d {clock}" if days else clock
