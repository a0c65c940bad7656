"""Processes that make batches, each with a pipe of its own.

torch's DataLoader hands tensors over in shared memory, of which a container has 64 MB, and where that is full nothing
goes on. A pipe needs none, and its end says at once that a worker is gone: one that was killed while it held a lock
shared with the others would stop them all.
"""

from __future__ import annotations

import multiprocessing
import queue
import signal
import threading
from collections.abc import Generator
from multiprocessing.connection import Connection
from typing import Any

import cv2
import torch

from img2img.config.errors import UserError
from img2img.images import ImageError

from .batches import Batches, Group
from .unreadable import Fault

AHEAD = 2
"""Groups that wait in the main process; each worker has one more ready."""

Sent = tuple[list[dict[str, Any]], list[Fault]] | str
"""A group with arrays for its tensors, or why there is none."""


class WorkerDied(UserError, RuntimeError):
    """A process that made batches is no more."""

    exit_code = 1


def groups_of(
    batches: Batches, first: int, processes: int, pinned: bool, start_method: str | None = None
) -> Generator[Group, None, None]:
    """Groups from `first` on, endlessly, in order; worker w of W makes every W-th. pinned: in page-locked memory.

    Raises WorkerDied where one ends, ImageError where pictures cannot be read.
    """
    context = multiprocessing.get_context(start_method)
    workers = [_Worker(context, batches, first + number, processes) for number in range(processes)]
    ready: queue.Queue[Group | Exception] = queue.Queue(AHEAD)
    closed = threading.Event()
    device = torch.cuda.current_device() if pinned else None

    def receive() -> None:
        if device is not None:  # else this thread would open the first one, too
            torch.cuda.set_device(device)
        while not closed.is_set():
            for worker in workers:
                try:
                    found = worker.take(pinned)
                except Exception as error:
                    found = error
                while not closed.is_set():
                    try:
                        ready.put(found, timeout=0.2)
                        break
                    except queue.Full:
                        continue
                if closed.is_set() or isinstance(found, Exception):
                    return

    receiver = threading.Thread(target=receive, name="receiver", daemon=True)
    receiver.start()
    try:
        while True:
            found = ready.get()
            if isinstance(found, Exception):
                raise found
            yield found
    finally:
        closed.set()
        for worker in workers:
            worker.end()
        receiver.join(5)


class _Worker:
    """One process and the end of its pipe."""

    def __init__(self, context: Any, batches: Batches, first: int, stride: int) -> None:
        self.mine, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=_work, args=(batches, first, stride, theirs, self.mine), daemon=True)
        self.process.start()
        theirs.close()  # so that the pipe ends with the worker

    def take(self, pinned: bool) -> Group | Exception:
        """Its next group, or why there is none."""
        try:
            sent: Sent = self.mine.recv()
        except (EOFError, OSError):
            self.process.join(5)
            return WorkerDied(
                f"a process that reads pictures has ended ({_why(self.process.exitcode)}); --workers 0 reads in the "
                f"main process"
            )
        if isinstance(sent, str):
            return ImageError(sent)
        made, faults = sent
        tensors = [{name: torch.from_numpy(values) for name, values in batch.items()} for batch in made]
        if pinned:
            tensors = [{name: tensor.pin_memory() for name, tensor in batch.items()} for batch in tensors]
        return Group(tensors, faults)

    def end(self) -> None:
        """Ends the process, whatever it is at."""
        self.process.kill()
        self.process.join(5)


def _work(batches: Batches, first: int, stride: int, pipe: Connection, other_end: Connection) -> None:
    """A worker's life: it ends with the main process, whose end of the pipe is then gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the main process ends the others
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    other_end.close()
    cv2.setNumThreads(0)  # a process for each core needs no threads of its own
    torch.set_num_threads(1)
    number = first
    while True:
        try:
            group = batches.group(number)
        except ImageError as error:  # raised here, it would be a traceback instead of one line
            _send(pipe, str(error))
            return
        arrays = [{name: tensor.numpy() for name, tensor in batch.items()} for batch in group.batches]
        if not _send(pipe, (arrays, group.faults)):
            return
        number += stride


def _send(pipe: Connection, what: Sent) -> bool:
    try:
        pipe.send(what)
    except OSError:
        return False
    return True


def _why(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name
    return f"{name}, of which a lack of memory is the commonest cause" if name == "SIGKILL" else name
