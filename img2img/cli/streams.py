"""Photos from stdin or a pipe, and results to stdout, a pipe or a device."""

from __future__ import annotations

import io
import re
import stat
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from img2img.config.base import Refusal, UserError
from img2img.config.printable import printable
from img2img.disk.folders import make_folder

from .errors import SOME_FAILED, fail

if TYPE_CHECKING:
    from img2img.apply.batch.job import Job
    from img2img.apply.batch.report import PhotoReport
    from img2img.apply.conversion import Conversion
    from img2img.config.apply import Photos
    from img2img.images import Photo

_STDIN = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")
_STDOUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
_OWN_PIPES = ("/dev/fd/", "/proc/self/fd/")
"""Where a shell's `<(...)` lies; any other pipe may wait for ever."""
_PATTERN = re.compile(r"%(0\d{1,2})?d")
_BYTES_A_PIXEL, _BESIDE = 8, 1 << 26
"""The most that a picture takes: samples of RGBA16, and metadata."""
_STARTS = (b"\xff\xd8", b"\x89PNG", b"RIFF", b"II", b"MM", b"GIF8", b"BM", b"P", b"\0")


def goes_by_stream(photos: Photos) -> bool:
    """Whether a photo or the result is no file with a name of its own."""
    return any(map(_is_stream, photos.sources)) or (photos.out is not None and _takes_as_it_is(photos.out))


def stdin_bytes(most: int) -> bytes:
    """All of stdin. Raises Refusal where it is closed, or longer than `most` bytes."""
    if sys.stdin is None:
        raise Refusal("-: stdin is closed")
    return _bounded(sys.stdin.buffer, most, "-")


def convert_streams(model: Conversion, photos: Photos, mask: Path | None) -> None:
    """Converts what comes, and says where it went; exits with 1 where some of several pictures failed.

    Raises Refusal, ImageError.
    """
    from img2img.apply.batch.job import PlanError
    from img2img.apply.batch.pipeline import FAILURES
    from img2img.images import read_photo

    if len(photos.sources) > 1 or Path(photos.sources[0]).is_dir():
        raise Refusal(
            f"{photos.sources[0]}: - is for one source: from stdin or a pipe, or to stdout, a pipe or a device"
        )
    pictures = _pictures(photos)
    targets = _targets(photos, len(pictures))
    hole = read_photo(mask, max_pixels=photos.max_pixels, integers=True) if mask else None
    failed = 0
    for number, (picture, target) in enumerate(zip(pictures, targets, strict=True), 1):
        try:
            photo = read_photo(picture, max_pixels=photos.max_pixels, integers=True)
            _convert(model, replace(photo, mask=hole) if hole else photo, target, photos)
        except (*FAILURES, ValueError) as error:  # as in a batch: none is the end of the rest
            if isinstance(error, Refusal) and not isinstance(error, PlanError):  # of an option: no picture will do
                raise
            if len(pictures) == 1 and isinstance(error, UserError | OSError):
                raise
            failed += 1
            _tell_failure(error, target, f"picture {number} of {len(pictures)}", photos)
    if failed:
        fail(f"{failed} of {len(pictures)} photos failed", SOME_FAILED)


def _is_stream(source: str) -> bool:
    if source in _STDIN:
        return True
    return source.startswith(_OWN_PIPES) and Path(source).is_fifo()


def _takes_as_it_is(out: str) -> bool:
    """stdout, a device, a pipe, or a file that is there already and whose name has no ending."""
    path = Path(out)
    return out in _STDOUT or (
        not out.endswith("/") and path.exists() and not path.is_dir() and (not path.is_file() or not path.suffix)
    )


class _Piece(io.BytesIO):
    """A picture out of a stream, which messages call by the stream's name."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


def _pictures(photos: Photos) -> Sequence[_Piece | Path]:
    from img2img.images.in_a_row import pictures_in

    (source,) = photos.sources
    most = _BYTES_A_PIXEL * photos.max_pixels + _BESIDE
    if source in _STDIN:
        return [_Piece(part, source) for part in pictures_in(stdin_bytes(most))]
    if not _is_stream(source):
        return [Path(source)]
    with open(source, "rb") as pipe:
        return [_Piece(part, source) for part in pictures_in(_bounded(pipe, most, source))]


def _bounded(stream: BinaryIO, most: int, name: str) -> bytes:
    """The whole stream; its first bytes have to be a picture's before more is read."""
    from img2img.images import read_photo

    start = stream.read(64)
    if not start.startswith(_STARTS) or not any(start):
        read_photo(_Piece(start, name))  # says what it is instead
    rest = stream.read(most)
    if len(rest) == most:
        raise Refusal(f"{name}: more than {most} bytes, more than a picture of --max-pixels takes")
    return start + rest


def _targets(photos: Photos, count: int) -> Sequence[Path | BinaryIO]:
    """Where each picture goes. Raises Refusal where several would go to one place, or one is there already."""
    out = photos.out
    if out is None or out in _STDOUT:
        _require_one(count, "stdout")
        if sys.stdout is None:
            raise Refusal("-o -: stdout is closed")
        if sys.stdout.isatty():
            raise Refusal("a picture is no text for a terminal: name a file with -o, or send stdout to one with > FILE")
        return [sys.stdout.buffer]
    if Path(out).is_dir() or out.endswith("/"):
        return [Path(out, f"{number:0{len(str(count))}}") for number in range(1, count + 1)]
    if _PATTERN.search(out):
        return [Path(_numbered(out, number)) for number in range(1, count + 1)]
    _require_one(count, out)
    return [Path(out)]


def _numbered(pattern: str, number: int) -> str:
    return _PATTERN.sub(lambda found: format(number, found[1] or ""), pattern)


def _require_one(count: int, place: str) -> None:
    if count > 1:
        raise Refusal(
            f"the stream holds {count} pictures, and {place} takes one: name a folder, -o results/, or a pattern, "
            f"-o result-%03d.png"
        )


def _convert(model: Conversion, photo: Photo, target: Path | BinaryIO, photos: Photos) -> None:
    from img2img.apply.batch.job import PlanError
    from img2img.apply.batch.report import PhotoReport
    from img2img.images import DEEP_FORMATS, Encoding, check_sides, write_samples

    started = time.perf_counter()
    kind, place = _format_and_place(photo, target, photos)
    if isinstance(place, Path) and place.is_file() and photos.on_existing != "overwrite":
        if photos.on_existing == "skip":
            return _tell(PhotoReport(_job(photos, place), "skipped", note="there already"), place, photos)
        raise PlanError(f"{place} exists already; --on-existing skip or overwrite says what to do")
    check_sides(*model.size_of(photo.width, photo.height), kind, str(photos.out or "-"))
    result = model.convert(photo, photo.bits if kind in DEEP_FORMATS else 8)
    encoding = Encoding(kind, photos.quality, result.icc, result.exif, result.more)
    with ExitStack() as closing:
        stream = place
        if isinstance(place, Path) and _is_special(place):
            stream = closing.enter_context(open(place, "wb"))
        elif isinstance(place, Path):
            make_folder(place.parent)
        left_out = write_samples(result.samples, stream, encoding)
    note = "; ".join(filter(None, [model.note, result.note, left_out]))
    height, width = result.samples.shape[:2]
    report = PhotoReport(_job(photos, place), "written", width, height, time.perf_counter() - started, note)
    _tell(report, place, photos)


def _format_and_place(photo: Photo, target: Path | BinaryIO, photos: Photos) -> tuple[str, Path | BinaryIO]:
    """What the result is encoded as, and the target, with an ending where it is a new file without one."""
    from img2img.images import FORMATS, ImageError, format_of

    named = target.suffix if isinstance(target, Path) and not _is_special(target) else ""
    try:
        kind = format_of(photos.format or named or photo.format)
    except ImageError:
        if photos.format or named:
            raise
        kind = "PNG"  # a format that is read but not written, as for files
    if isinstance(target, Path) and not named and not target.exists():
        return kind, target.with_name(target.name + next(ending for ending, name in FORMATS.items() if name == kind))
    return kind, target


def _is_special(place: Path) -> bool:
    """A device or a pipe, which is written to and never replaced."""
    return place.exists() and not stat.S_ISREG(place.stat().st_mode)


def _job(photos: Photos, place: Path | BinaryIO) -> Job:
    from img2img.apply.batch.job import Job

    return Job(Path(photos.sources[0]), place if isinstance(place, Path) else Path("-"))


def _tell_failure(error: Exception, target: Path | BinaryIO, which: str, photos: Photos) -> None:
    """A line for people, and one for scripts where they are asked for."""
    from img2img.apply.batch.report import PhotoReport

    failed = PhotoReport.failed(_job(photos, target), error)
    failed = replace(failed, error=f"{which}: {failed.error}")
    print(printable(str(failed)), file=sys.stderr)
    if photos.as_json:
        print(failed.to_json(), file=_telling(target))


def _telling(place: Path | BinaryIO) -> TextIO:
    """Where scripts are told: stderr where stdout carries the picture."""
    return sys.stdout if isinstance(place, Path) and str(place) not in _STDOUT else sys.stderr


def _tell(report: PhotoReport, place: Path | BinaryIO, photos: Photos) -> None:
    """Its JSON, or its path and what there is to know."""
    if photos.as_json:
        print(report.to_json(), file=_telling(place))
        return
    if report.note and not photos.quiet:
        print(printable(report.note), file=sys.stderr)
    if isinstance(place, Path) and not _is_special(place):
        print(place)
