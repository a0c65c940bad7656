"""What a run says of itself while it goes: a live bar on a terminal, plain lines in a pipe, both on stderr."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType

from rich.columns import Columns
from rich.console import Console, RenderableType
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.table import Column
from rich.text import Text

from img2img.config.durations import duration

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
        self.step = first_step
        self._numbers: Mapping[str, float] = {}
        self._started = clock()
        self._marks = deque([(self._started, first_step)])
        live = self.console.is_terminal and not self.console.is_dumb_terminal
        self._bar = _Bar(self) if live else None

    def __enter__(self) -> Progress:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def update(self, step: int, numbers: Mapping[str, float] | None = None) -> None:
        """Say that `step` steps are done, and the newest numbers if there are any; cheap enough for every step."""
        self.step = step
        if numbers is not None:
            self._numbers = numbers
        now = self._clock()
        self._marks.append((now, step))
        # One mark a second will do, and at least one stays from before the window.
        if len(self._marks) > 2 and now - self._marks[-3][0] < 1.0:
            del self._marks[-2]
        while len(self._marks) > 2 and self._marks[1][0] <= now - WINDOW:
            self._marks.popleft()
        if self._bar:
            self._bar.update(self._bar.task, completed=step)

    def log(self, step: int, numbers: Mapping[str, float]) -> None:
        """As `update`; in a pipe it also prints one plain line."""
        self.update(step, numbers)
        if not self._bar:
            self.note("  ".join([f"step {step}/{self.total}", *self.terms(), *self.pace()]))

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
        return max(0, self.total - self.step) / speed if speed > 0 else None

    def terms(self) -> list[str]:
        """The first loss terms, `generator/l1 0.213`, and how many steps were skipped if any were."""
        names = [name for name in self._numbers if "/" in name][:TERMS]
        terms = [f"{name} {self._numbers[name]:.3g}" for name in names]
        skipped = self._numbers.get("skipped", 0)
        return [*terms, f"skipped {skipped:.0f}"] if skipped else terms

    def pace(self) -> list[str]:
        """Images a second, memory if it is known, time left."""
        left = self.seconds_left
        memory = self._numbers.get("memory_gib", 0.0)
        return [
            f"{self.images_per_second:.1f} images/s",
            *([f"{memory:.1f} GiB"] if memory else []),
            f"ETA {'-' if left is None else duration(left)}",
        ]


class _Bar(RichProgress):
    """The bar of the run; under it the losses."""

    def __init__(self, run: Progress) -> None:
        columns = (
            TextColumn("{task.description}", style="bold"),
            TextColumn("{task.completed:,.0f} / {task.total:,.0f}"),
            BarColumn(bar_width=None),
            _Pace(run),
            TimeElapsedColumn(),
        )
        self.run = run
        # The results on stdout may go somewhere else: they must not be carried over to the console.
        super().__init__(*columns, console=run.console, redirect_stdout=False, redirect_stderr=False, expand=True)
        self.task = self.add_task(run.description, total=max(1, run.total), completed=run.step)

    def get_renderables(self) -> Iterable[RenderableType]:
        yield from super().get_renderables()
        yield Columns([Text(term, style="dim") for term in self.run.terms()], padding=(0, 2))


class _Pace(ProgressColumn):
    """How fast the run is, drawn when the bar is: a step only notes numbers."""

    def __init__(self, run: Progress) -> None:
        super().__init__(table_column=Column(no_wrap=True))
        self.run = run

    def render(self, task: Task) -> Text:
        return Text("  ".join(self.run.pace()))
