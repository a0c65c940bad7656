"""The way from a command's photos to results, for every command that converts photos."""

from __future__ import annotations

import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from img2img.config.base import Refusal
from img2img.config.printable import printable

from .errors import INTERRUPTED, SOME_FAILED, fail
from .streams import convert_streams, goes_by_stream

if TYPE_CHECKING:
    from img2img.apply.batch.job import Job
    from img2img.apply.batch.report import PhotoReport
    from img2img.apply.conversion import Conversion
    from img2img.config.apply import Photos


_AFTER_A_BATCH = "the same call goes on where this one stopped"
_AFTER_A_STREAM = "the same call with --on-existing skip makes the rest"
"""A stream's pictures have no names that a manifest could know again."""


@dataclass(frozen=True)
class Beside:
    """What is made of each photo besides its result: a file of the result's name with another ending."""

    model: Conversion
    ending: str

    def of(self, job: Job) -> Job:
        """The job that makes it."""
        return replace(job, target=job.target.with_name(f"{job.target.stem}{self.ending}"))


def convert_photos(model: Conversion, photos: Photos, mask: Path | None = None, beside: Beside | None = None) -> None:
    """Converts, tells on the way, and exits with 1 where photos failed, with 130 where it was stopped.

    mask: a file for all photos, or a folder with one for each. beside: what else is made of each file.
    """
    _convert([model], photos, mask, beside)


def convert_photos_by_each(models: Sequence[Conversion], photos: Photos) -> None:
    """As `convert_photos`, a result of each photo by each model; of several all have the model's label in their names.

    Raises Refusal where several results would go to a stream.
    """
    _convert(models, photos)


def _convert(
    models: Sequence[Conversion], photos: Photos, mask: Path | None = None, beside: Beside | None = None
) -> None:
    stream = goes_by_stream(photos)
    if stream and len(models) > 1:
        raise Refusal(f"{photos.sources[0]}: - is for one result, and there are {len(models)} of each photo")
    if photos.report:
        _check_report(Path(photos.report), stream)
    with _interruptible(_AFTER_A_STREAM if stream else _AFTER_A_BATCH):
        if stream:
            convert_streams(models[0], photos, mask)
        else:
            _batch(models, photos, mask, beside)


def _batch(models: Sequence[Conversion], photos: Photos, mask: Path | None, beside: Beside | None) -> None:
    """Files and folders."""
    from img2img.apply.batch.plan import Shard, plan, refuse_collisions
    from img2img.apply.batch.run import run_batches
    from img2img.images.listing import look_into

    from .progress import BatchProgress

    shard = Shard.parse(photos.shard) if photos.shard else None
    suffix = f".{photos.format}" if photos.format else None
    folders = [Path(source) for source in photos.sources if Path(source).is_dir()]
    sources, several = [Path(source) for source in photos.sources], len(models) > 1
    batches = [
        (plan(sources, photos.out, model.label, suffix, shard, mask, one_of_several=several), model) for model in models
    ]
    refuse_collisions([job for jobs, _ in batches for job in jobs])
    if beside:
        batches += [([beside.of(job) for job in jobs], beside.model) for jobs, _ in batches]
    total = sum(len(jobs) for jobs, _ in batches)
    failed = troubles = 0
    rows: list[PhotoReport] = []
    with BatchProgress(total, photos.as_json, quiet=photos.quiet) as progress, _warnings_to(progress.note):
        for note in dict.fromkeys(model.note for model in models if model.note):
            progress.note(note)
        for listing in map(look_into, folders):
            progress.tell_listing(listing)
            troubles += len(listing.troubles)
        for report in run_batches(
            batches,
            on_existing=photos.on_existing,
            quality=photos.quality,
            max_pixels=photos.max_pixels,
            shard=shard,
            watch=progress.watch,
            starting=progress.starting,
        ):
            failed += report.state == "failed"
            progress.tell(report)
            if photos.report:
                rows.append(report)
    if photos.report:
        _write_report(Path(photos.report), ", ".join(model.label for model in models), rows, photos)
    if failed or troubles:
        unread = f"{troubles} more could not be looked into" if troubles else ""
        told = f"{failed} of {total} {'files' if len(batches) > 1 else 'photos'} failed" if failed else ""
        fail(", ".join(filter(None, [told, unread])), SOME_FAILED)


def _check_report(page: Path, stream: bool) -> None:
    """Raises Refusal before any work where the page could not be written, or there are no files to show."""
    from img2img.apply.compare.page import require_own

    if stream:
        raise Refusal(f"--report {page}: is for files; what comes from stdin or goes to stdout is none")
    require_own(page)


def _write_report(page: Path, label: str, reports: list[PhotoReport], photos: Photos) -> None:
    from img2img.apply.compare.page import Shown, write_page

    def row(report: PhotoReport) -> Shown:
        name = str(report.job.source)
        if report.state == "failed" or not report.job.target.is_file():
            return Shown(name, None, None, report.error or f"{name}: {report.note}")
        return Shown(name, report.job.source, report.job.target, report.note)

    title = f"{len(reports)} {'result' if len(reports) == 1 else 'results'}, {label}"
    write_page(page, title, map(row, reports), photos.max_pixels)
    if not photos.quiet:
        print(f"{printable(str(page))}: before and after", file=sys.stderr)


@contextmanager
def _interruptible(after: str) -> Iterator[None]:
    """Ctrl-C, and a scheduler's SIGTERM alike, end the command in one line; a second one ends it at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)  # results appear by rename: nothing is half written
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        fail(f"interrupted; what is written is whole, and {after}", INTERRUPTED)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _warnings_to(note: Callable[[str], None]) -> Iterator[None]:
    """What libraries warn of, damaged metadata mostly, in a line for each photo, above the bar."""
    from img2img.apply.batch.job import PHOTO

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        photo = PHOTO.get()
        note(f"warning: {f'{photo}: ' if photo else ''}{message}")

    with warnings.catch_warnings():
        warnings.filterwarnings("always", category=UserWarning, module=r"(PIL|img2img)\b")  # else the first photo's
        warnings.showwarning = show
        yield
