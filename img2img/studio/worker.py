"""One job at a time, in their order, in a thread of its own: how far it is, what came of it, and how it is stopped."""

from __future__ import annotations

import itertools
import shutil
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from img2img.apply.batch.job import Job as PhotoJob
from img2img.apply.batch.plan import plan
from img2img.apply.batch.report import PhotoReport
from img2img.apply.batch.run import run_batch
from img2img.apply.conversion import Conversion
from img2img.apply.opening import ApplyConfig
from img2img.config.base import UserError

from .faults import Fault
from .kept import KeptModels

WAITING = 64
"""Jobs that may wait."""


class Stopped(Exception):
    """A job that was cancelled; no failure of a photo, so that no batch takes it for one."""


@dataclass(frozen=True)
class Order:
    """What is to be done. photo: its file; mask: that of its hole, or None. folder: for the result, the job's own.

    copies: the files are copies in folders of which nobody knows; messages have their names alone.
    """

    config: ApplyConfig
    photo: Path
    mask: Path | None
    folder: Path
    max_pixels: int
    copies: bool = False

    def told(self, line: str) -> str:
        """A message, as whoever asked may see it."""
        for path in (self.photo, self.mask) if self.copies else (self.mask,):
            line = line.replace(str(path), path.name) if path else line
        return line.replace(f"{self.folder}/", "")


@dataclass(frozen=True)
class Made:
    """What came of an order: the result's file, named as the command names it, and what was made with what."""

    path: Path
    report: PhotoReport
    conversion: Conversion


@dataclass(eq=False)
class Task:
    """An order on its way. share: of it that is done, 0 to 1. made: what came of it, or the error of it."""

    number: int
    order: Order
    share: float = 0.0
    began: float | None = None
    cancelled: bool = False
    made: Future[Made] = field(default_factory=Future)

    @property
    def state(self) -> str:
        """waiting, running, done, failed, cancelled."""
        if self.made.done():
            error = self.made.exception()
            return "done" if error is None else "cancelled" if isinstance(error, Stopped) else "failed"
        return "waiting" if self.began is None else "running"

    @property
    def seconds_left(self) -> float | None:
        """By what was done so far; None where that says nothing yet."""
        if self.began is None or self.share <= 0 or self.made.done():
            return None
        return (time.monotonic() - self.began) / self.share * (1 - self.share)

    def watch(self, share: float) -> None:
        """Takes the share that is done. Raises Stopped where the job was cancelled."""
        self.share = share
        if self.cancelled:
            raise Stopped


class Worker:
    """The thread, what waits for it, and the folders of results: the last `keep` of those that nobody took."""

    def __init__(self, folder: Path, keep: int = 40, open_models: Callable[[], KeptModels] = KeptModels) -> None:
        self._folder = folder
        self._keep = keep
        self._numbers = itertools.count(1)
        self._tasks: dict[int, Task] = {}
        self._waiting: deque[Task] = deque()
        self._changed = threading.Condition()
        self._open_models = open_models
        self._ended = False
        self._thread = threading.Thread(target=self._work, name="convert", daemon=True)
        self._thread.start()

    def new_folder(self) -> Path:
        """For the files of a job that is about to be submitted."""
        folder = self._folder / f"job{next(self._numbers)}"
        folder.mkdir(parents=True)
        return folder

    def submit(self, order: Order) -> Task:
        """Raises Fault 503 where too many wait."""
        with self._changed:
            if len(self._waiting) >= WAITING or self._ended:
                raise Fault(503, f"{len(self._waiting)} jobs are waiting; try again later")
            task = Task(next(self._numbers), order)
            self._tasks[task.number] = task
            self._waiting.append(task)
            done = [one for one in self._tasks.values() if one.made.done()]
            for old in done[: max(0, len(done) - self._keep)]:
                self._drop(old)
            self._changed.notify_all()
        return task

    def task(self, number: int) -> Task:
        """Raises Fault 404."""
        with self._changed:
            found = self._tasks.get(number)
        if found is None:
            raise Fault(404, "this job is no longer known; start it again")
        return found

    def cancel(self, task: Task) -> None:
        """Stops it now where it waits, else at its next tile."""
        with self._changed:
            task.cancelled = True
            if task in self._waiting:
                self._waiting.remove(task)
                task.made.set_exception(Stopped())

    def forget(self, task: Task) -> None:
        """Removes a job's files."""
        with self._changed:
            self._drop(task)

    def counts(self) -> dict[str, int]:
        """How many wait, and how many results are kept."""
        with self._changed:
            return {"waiting": len(self._waiting), "kept": len(self._tasks)}

    def end(self, patience: float) -> bool:
        """Stops everything; whether the thread has ended within so many seconds."""
        with self._changed:
            self._ended = True
            tasks = list(self._tasks.values())
            self._changed.notify_all()
        for task in tasks:
            self.cancel(task)
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _drop(self, task: Task) -> None:
        self._tasks.pop(task.number, None)
        shutil.rmtree(task.order.folder, ignore_errors=True)

    def _work(self) -> None:
        models = self._open_models()
        while task := self._next():
            try:
                task.watch(0)
                task.made.set_result(_convert(task, models))
            except BaseException as error:  # whatever it is, it is this job's alone
                if not isinstance(error, UserError | Stopped | OSError):
                    traceback.print_exc(file=sys.stderr)
                task.made.set_exception(error)
            del task

    def _next(self) -> Task | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            if self._ended:
                return None
            task = self._waiting.popleft()
            task.began = time.monotonic()
            return task


def _convert(task: Task, models: KeptModels) -> Made:
    """As the command does it, in the job's own folder. Raises what a photo may fail of."""
    order = task.order
    conversion = models.get(order.config)
    suffix = f".{order.config.photos.format}" if order.config.photos.format else None
    (planned,) = plan([order.photo], None, conversion.label, suffix, mask=order.mask)
    job = PhotoJob(order.photo, order.folder / planned.target.name, order.mask)
    quality = order.config.photos.quality
    batch = run_batch([job], conversion, quality=quality, max_pixels=order.max_pixels, watch=task.watch)
    (report,) = batch
    if report.state == "failed":
        raise Fault(422, order.told(report.error))
    return Made(job.target, report, conversion)
