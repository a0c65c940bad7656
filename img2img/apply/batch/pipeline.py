"""Readers, the network and writers at work on different photos at the same time, in bounded memory."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from img2img.apply.conversion import Conversion, ConvertedPhoto, Watch
from img2img.apply.engine.forward import NotFiniteError
from img2img.apply.engine.sizing import SizeError
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

from .existing import InputStamps, Making
from .job import PHOTO, Job, PlanError
from .manifest import Stamp
from .readers import Readers
from .report import PhotoReport
from .turnstile import Turnstile

READERS, WRITERS = 2, min(4, os.cpu_count() or 1)
"""Threads."""

FAILURES = (ImageError, NotFiniteError, MemoryError, RuntimeError, OSError, PlanError)
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
        self, making: Making, max_pixels: int, watch: Watch | None = None, starting: Starting | None = None
    ) -> None:
        """As `run_batch`."""
        self._making = making
        self._model: Conversion = making.model
        self._max_pixels = max_pixels
        self._watch = watch
        self._starting = starting
        self._room = Turnstile(max(1 << 29, free_memory() // 4))

    def run(self, jobs: Sequence[Job]) -> Iterator[PhotoReport]:
        """The reports, in the order of the jobs. What is computed when it is stopped is written all the same; what is
        being read is left."""
        readers: Readers[_Read | PhotoReport] = Readers(READERS)
        writers = ThreadPoolExecutor(WRITERS, "write")
        upcoming = iter(enumerate(jobs))
        reads: deque[Future[_Read | PhotoReport]] = deque()
        writes: deque[Future[PhotoReport]] = deque()
        try:
            for _ in jobs:
                while len(reads) <= READERS and (following := next(upcoming, None)):
                    reads.append(readers.submit(partial(self._read, *following)))
                writes.append(writers.submit(self._write, self._convert(reads.popleft().result())))
                while writes and (writes[0].done() or len(writes) > 2 * WRITERS):
                    yield writes.popleft().result()
            while writes:
                yield writes.popleft().result()
        finally:
            self._room.close()
            for read in reads:
                read.cancel()
            readers.leave()
            writers.shutdown()

    def _read(self, number: int, job: Job) -> _Read | PhotoReport:
        room = self._needed(job)
        if not self._room.enter(number, room):
            return PhotoReport(job, "failed", error=f"{job.source}: stopped before it was read")
        started = time.perf_counter()
        PHOTO.set(str(job.source))
        try:
            if report := self._made_meanwhile(job):
                self._room.leave(room)
                return report
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
            width, height = self._model.size_of(facts.width, facts.height)
        except (*FAILURES, SizeError):
            return 0
        result = 2 * _once(replace(facts, width=width, height=height))  # Pillow holds each once more
        return 3 * _once(facts) + _alpha(facts) + result + (3 * _once(mask) + _alpha(mask) if mask else 0)

    def _convert(self, read: _Read | PhotoReport) -> _Made | PhotoReport:
        if isinstance(read, PhotoReport):
            return read
        started = time.perf_counter()
        job, photo = read.job, read.photo
        kind = FORMATS[job.target.suffix.lower()]
        PHOTO.set(str(job.source))
        try:
            width, height = self._model.size_of(photo.width, photo.height)
            check_sides(width, height, kind, str(job.target))
            if self._starting:
                self._starting(job, width, height)
            result = self._model.convert(photo, photo.bits if kind in DEEP_FORMATS else 8, self._watch)
        except Refusal:  # of an option: no photo will do
            raise
        except (*FAILURES, ValueError) as error:  # other people's networks raise it on sizes that they cannot take
            self._room.leave(read.room)
            return PhotoReport.failed(job, error)
        if photo.bits == 16 and kind not in DEEP_FORMATS:
            result = replace(result, note="; ".join(filter(None, (result.note, f"16 bits rounded to the 8 of {kind}"))))
        return _Made(job, result, read.inputs, read.room, read.seconds + time.perf_counter() - started)

    def _write(self, made: _Made | PhotoReport) -> PhotoReport:
        if isinstance(made, PhotoReport):
            return made
        started = time.perf_counter()
        job, result = made.job, made.result
        PHOTO.set(str(job.source))
        encoding = Encoding(
            FORMATS[job.target.suffix.lower()], self._making.quality, result.icc, result.exif, result.more
        )

        def finished(draft: Path) -> None:
            if report := self._made_meanwhile(job):
                raise _MadeMeanwhile(report)
            self._making.ledger.add(
                job.target.parent, self._making.entry_of(job, made.inputs, Stamp.of(draft, renamed=True))
            )

        try:
            left_out = write_samples(result.samples, job.target, encoding, finished)
        except _MadeMeanwhile as found:
            return found.report
        except FAILURES as error:
            return PhotoReport.failed(job, error)
        finally:
            self._room.leave(made.room)
        height, width = result.samples.shape[:2]
        note = "; ".join(filter(None, (result.note, left_out)))
        return PhotoReport(job, "written", width, height, made.seconds + time.perf_counter() - started, note)

    def _made_meanwhile(self, job: Job) -> PhotoReport | None:
        """What becomes of a photo whose target appeared since the plan, hours ago maybe; None: go on with it.

        Another call at work on the same folder has made it, or it is somebody else's.
        """
        state = self._making.state_of(job, fresh=True)
        if reason := self._making.reason_to_keep(state):
            return PhotoReport(job, "skipped", note=reason)
        if self._making.refuses(state):
            return PhotoReport(
                job, "failed", error=f"{job.target}: appeared while its photo was converted, and is left as it is"
            )
        return None


class _MadeMeanwhile(ImageError):
    """The target has appeared while its photo was converted; what becomes of that is in the report."""

    def __init__(self, report: PhotoReport) -> None:
        super().__init__(report.error or report.note)
        self.report = report


def _once(facts: ImageFacts) -> int:
    """Bytes of a picture's samples as they are decoded, at most four a px."""
    return facts.width * facts.height * 4 * facts.bits // 8


def _alpha(facts: ImageFacts) -> int:
    """Bytes of its transparency as floats."""
    return facts.width * facts.height * 4 * facts.alpha
