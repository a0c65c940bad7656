"""The way from a command's photos to results, for every command that converts photos."""

from __future__ import annotations

import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from img2img.config.base import Refusal

from .errors import INTERRUPTED, SOME_FAILED, fail

if TYPE_CHECKING:
    from img2img.apply.conversion import Conversion
    from img2img.config.apply import Photos


def convert_photos(model: Conversion, photos: Photos, mask: Path | None = None) -> None:
    """Converts, tells on the way, and exits with 1 where photos failed, with 130 where it was stopped.

    mask: a file for all photos, or a folder with one for each.
    """
    with _interruptible():
        if "-" in photos.sources or photos.out == "-":
            _pipe(model, photos, mask)
        else:
            _batch(model, photos, mask)


def _batch(model: Conversion, photos: Photos, mask: Path | None) -> None:
    """Files and folders."""
    from img2img.apply.batch.plan import Shard, plan
    from img2img.apply.batch.run import run_batch

    from .progress import BatchProgress

    shard = Shard.parse(photos.shard) if photos.shard else None
    suffix = f".{photos.format}" if photos.format else None
    jobs = plan([Path(source) for source in photos.sources], photos.out, model.label, suffix, shard, mask)
    failed = 0
    with BatchProgress(len(jobs), photos.as_json) as progress, _warnings_to(progress.note):
        if model.note:
            progress.note(model.note)
        for report in run_batch(
            jobs,
            model,
            on_existing=photos.on_existing,
            quality=photos.quality,
            max_pixels=photos.max_pixels,
            shard=shard,
            watch=progress.watch,
        ):
            failed += report.state == "failed"
            progress.tell(report)
    if failed:
        fail(f"{failed} of {len(jobs)} photos failed", SOME_FAILED)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C, and a scheduler's SIGTERM alike, end the command in one line."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        fail("interrupted; what is written is whole, and the same call goes on where this one stopped", INTERRUPTED)
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _warnings_to(note: Callable[[str], None]) -> Iterator[None]:
    """What libraries warn of, damaged metadata mostly, in a line each, above the bar."""

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        note(f"warning: {message}")

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def _pipe(model: Conversion, photos: Photos, mask: Path | None) -> None:
    """One photo from stdin or a file, to stdout or a file."""
    from img2img.images import DEEP_FORMATS, Encoding, ImageError, format_of, read_photo, write_samples

    first, *others = photos.sources
    if others or (first != "-" and Path(first).is_dir()):
        raise Refusal("- is for one photo: from stdin, or to stdout")
    target = Path(photos.out) if photos.out and photos.out != "-" else None
    if target and target.exists() and photos.on_existing != "overwrite":
        if photos.on_existing == "skip":
            return
        raise Refusal(f"{target} exists already; --on-existing skip or overwrite says what to do")
    source = sys.stdin.buffer if first == "-" else Path(first)
    photo = read_photo(source, max_pixels=photos.max_pixels, integers=True)
    if mask:
        photo = replace(photo, mask=read_photo(mask, max_pixels=photos.max_pixels, integers=True))
    asked = photos.format or (target.suffix if target else photo.format)
    try:
        kind = format_of(asked)
    except ImageError:
        if photos.format or target:
            raise
        kind = "PNG"  # a format that is read but not written, as for files
    result = model.convert(photo, photo.bits if kind in DEEP_FORMATS else 8)
    encoding = Encoding(kind, photos.quality, result.icc, result.exif, result.more)
    left_out = write_samples(result.samples, target or sys.stdout.buffer, encoding)
    if note := "; ".join(filter(None, [model.note, result.note, left_out])):
        print(note, file=sys.stderr)
    if target:
        print(target)
