"""Readers, the network and writers at work on different photos at the same time, in bounded memory."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from img2img.apply.conversion import Conversion, ConvertedPhoto, Watch
from img2img.apply.engine.forward import NotFiniteError
from img2img.config.base import Refusal
from img2img.images import (
    DEEP_FORMATS,
    FORMATS,
    Encoding,
    ImageError,
    ImageFacts,
    Photo,
    check_sides,
    probe,
    read_photo,
    write_samples,
)
from img2img.machine import free_memory

from .existing import InputStamps, entry_of
from .job import PHOTO, Job
from .manifest import Ledger, Stamp
from .report import PhotoReport

READERS, WRITERS = 2, min(4, os.cpu_count() or 1)
"""Threads."""

FAILURES = (ImageError, NotFiniteError, MemoryError, RuntimeError, OSError)
"""What may go wrong with one photo and not with the next: RuntimeError is torch's, out of memory included."""


Starting = Callable[[Job, int, int], None]
"""Takes a photo whose conversion begins, and the width and height of its result, px."""


@dataclass(frozen=True, eq=False)
class _Read:
    """A photo before the network. inputs: of its files. room: its share of the memory, bytes. seconds: so far."""

    job: Job
    photo: Photo
    inputs: InputStamps
    room: int
    seconds: float


@dataclass(frozen=True, eq=False)
class _Made:
    """A photo behind the network; its floats are gone."""

    job: Job
    result: ConvertedPhoto
    inputs: InputStamps
    room: int
    seconds: float


class Pipeline:
    """The way of a batch: threads that read, the network in the caller's thread, threads that write."""

    def __init__(
        self,
        model: Conversion,
        ledger: Ledger,
        quality: int | None,
        max_pixels: int,
        overwrite: bool,
        watch: Watch | None = None,
        starting: Starting | None = None,
    ) -> None:
        """overwrite: also what is not ours. Else as `run_batch`."""
        self._model = model
        self._ledger = ledger
        self._quality = quality
        self._max_pixels = max_pixels
        self._overwrite = overwrite
        self._watch = watch
        self._starting = starting
        self._room = Turnstile(max(1 << 29, free_memory() // 4))

    def run(self, jobs: Sequence[Job]) -> Iterator[PhotoReport]:
        """The reports, in the order of the jobs. What is computed when it is stopped is written all the same."""
        readers, writers = ThreadPoolExecutor(READERS, "read"), ThreadPoolExecutor(WRITERS, "write")
        upcoming = iter(enumerate(jobs))
        reads: deque[Future[_Read | PhotoReport]] = deque()
        writes: deque[Future[PhotoReport]] = deque()
        try:
            for _ in jobs:
                while len(reads) <= READERS and (following := next(upcoming, None)):
                    reads.append(readers.submit(self._read, *following))
                writes.append(writers.submit(self._write, self._convert(reads.popleft().result())))
                while writes and (writes[0].done() or len(writes) > 2 * WRITERS):
                    yield writes.popleft().result()
            while writes:
                yield writes.popleft().result()
        finally:
            self._room.close()
            readers.shutdown(cancel_futures=True)
            writers.shutdown()

    def _read(self, number: int, job: Job) -> _Read | PhotoReport:
        room = self._needed(job)
        if not self._room.enter(number, room):
            return PhotoReport(job, "failed", error=f"{job.source}: stopped before it was read")
        started = time.perf_counter()
        PHOTO.set(str(job.source))
        try:
            inputs = InputStamps.of(job)
            photo = read_photo(job.source, max_pixels=self._max_pixels, integers=True)
            if job.mask:
                photo = replace(photo, mask=read_photo(job.mask, max_pixels=self._max_pixels, integers=True))
        except FAILURES as error:
            self._room.leave(room)
            return PhotoReport.failed(job, error)
        return _Read(job, photo, inputs, room, time.perf_counter() - started)

    def _needed(self, job: Job) -> int:
        """What a photo takes at most between its reading and the end of its writing, bytes."""
        try:
            facts = probe(job.source, max_pixels=self._max_pixels)
            mask = probe(job.mask, max_pixels=self._max_pixels) if job.mask else None
        except FAILURES:
            return 0
        result = 2 * _once(facts) * self._model.scale**2  # Pillow holds each once more
        return 3 * _once(facts) + _alpha(facts) + result + (3 * _once(mask) + _alpha(mask) if mask else 0)

    def _convert(self, read: _Read | PhotoReport) -> _Made | PhotoReport:
        if isinstance(read, PhotoReport):
            return read
        started = time.perf_counter()
        job, photo, scale = read.job, read.photo, self._model.scale
        kind = FORMATS[job.target.suffix.lower()]
        PHOTO.set(str(job.source))
        if self._starting:
            self._starting(job, photo.width * scale, photo.height * scale)
        try:
            check_sides(photo.width * scale, photo.height * scale, kind, str(job.target))
            result = self._model.convert(photo, photo.bits if kind in DEEP_FORMATS else 8, self._watch)
        except Refusal:  # of an option: no photo will do
            raise
        except (*FAILURES, ValueError) as error:  # other people's networks raise it on sizes that they cannot take
            self._room.leave(read.room)
            return PhotoReport.failed(job, error)
        return _Made(job, result, read.inputs, read.room, read.seconds + time.perf_counter() - started)

    def _write(self, made: _Made | PhotoReport) -> PhotoReport:
        if isinstance(made, PhotoReport):
            return made
        started = time.perf_counter()
        job, result = made.job, made.result
        PHOTO.set(str(job.source))
        encoding = Encoding(FORMATS[job.target.suffix.lower()], self._quality, result.icc, result.exif)

        def finished(draft: Path) -> None:
            if not self._may_write(job.target):
                raise ImageError(f"{job.target}: appeared while its photo was converted, and is left as it is")
            stamp = Stamp.of(draft, renamed=True)
            self._ledger.add(job.target.parent, entry_of(job, made.inputs, stamp, self._model, self._quality))

        try:
            write_samples(result.samples, job.target, encoding, finished)
        except FAILURES as error:
            return PhotoReport.failed(job, error)
        finally:
            self._room.leave(made.room)
        height, width = result.samples.shape[:2]
        return PhotoReport(job, "written", width, height, made.seconds + time.perf_counter() - started, result.note)

    def _may_write(self, target: Path) -> bool:
        """Asked again when the result is finished, as hours may have passed since the plan."""
        return self._overwrite or not os.path.lexists(target) or self._ledger.origin(target) is not None


def _once(facts: ImageFacts) -> int:
    """Bytes of a picture's samples as they are decoded, at most four a px."""
    return facts.width * facts.height * 4 * facts.bits // 8


def _alpha(facts: ImageFacts) -> int:
    """Bytes of its transparency as floats."""
    return facts.width * facts.height * 4 * facts.alpha


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
