"""What every command that converts photos shares: its options, and the way from its arguments to results."""

from __future__ import annotations

import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .errors import INTERRUPTED, SOME_FAILED, WRONG_USAGE, fail

if TYPE_CHECKING:
    from img2img.apply.conversion import Conversion

Sources = Annotated[list[str], typer.Argument(metavar="SRC...", help="Files, folders (walked), or - for stdin.")]
Out = Annotated[
    str | None, typer.Option("--out", "-o", help="A file, a folder, or - for stdout \\[default: beside each source].")
]
Format = Annotated[
    Literal["jpg", "png", "webp", "avif", "tiff"] | None,
    typer.Option("--format", help="Format of the results \\[default: the source's]."),
]
Quality = Annotated[
    int | None,
    typer.Option("--quality", min=1, max=100, help="Of JPEG, WebP and AVIF \\[default: 95, 90, 85]."),
]
OnExisting = Annotated[
    Literal["skip", "overwrite", "fail"] | None,
    typer.Option(
        "--on-existing",
        help="What to do where a result is already \\[default: skip what is made already, make again what came from "
        "another input, settings or weights, refuse what img2img did not make].",
    ),
]
MaxPixels = Annotated[int, typer.Option("--max-pixels", min=1, help="Largest photo that is opened, px.")]
Tile = Annotated[
    str,
    typer.Option("--tile", help="Side of the tiles, px of the source; auto: as memory allows; off: photos whole."),
]
ShardText = Annotated[str | None, typer.Option("--shard", help="Convert a part alone: 2/8 is the second of eight.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per photo on stdout.")]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, mps, cuda, cuda:1, ...")]
Precision = Annotated[
    Literal["auto", "fp32", "bf16", "fp16"],
    typer.Option("--precision", help="Arithmetic of the network; what is not finite is done again in fp32."),
]
DEFAULT_MAX_PIXELS = 200_000_000


@dataclass(frozen=True)
class Wishes:
    """The options of one call that say what happens to photos and files."""

    out: str | None
    format: str | None
    quality: int | None
    on_existing: Literal["skip", "overwrite", "fail"] | None
    max_pixels: int
    shard: str | None
    as_json: bool
    mask: Path | None = None


def tile_of(text: str) -> Any:
    """What `--tile` says, as the engine takes it."""
    if text in ("auto", "off"):
        return text
    if text.isdecimal() and int(text):
        return int(text)
    fail(f"--tile {text}: allowed: auto, off, or a number of px")


def convert_photos(model: Conversion, sources: list[str], wishes: Wishes) -> None:
    """Converts, tells on the way, and exits with 1 where photos failed, with 130 where it was stopped."""
    with _interruptible():
        if "-" in sources or wishes.out == "-":
            _pipe(model, sources, wishes)
        else:
            _batch(model, sources, wishes)


def _batch(model: Conversion, sources: list[str], wishes: Wishes) -> None:
    """Files and folders."""
    from img2img.apply.batch.plan import Shard, plan
    from img2img.apply.batch.run import run_batch

    from .progress import Telling

    shard = Shard.parse(wishes.shard) if wishes.shard else None
    suffix = f".{wishes.format}" if wishes.format else None
    jobs = plan([Path(source) for source in sources], wishes.out, model.label, suffix, shard, wishes.mask)
    failed = 0
    with Telling(len(jobs), wishes.as_json) as telling, _warnings_to(telling.note):
        if model.note:
            telling.note(model.note)
        for report in run_batch(
            jobs,
            model,
            on_existing=wishes.on_existing,
            quality=wishes.quality,
            max_pixels=wishes.max_pixels,
            shard=shard,
            watch=telling.watch,
        ):
            failed += report.state == "failed"
            telling.tell(report)
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

    def show(message: Warning | str, *_: object) -> None:
        note(f"warning: {message}")

    with warnings.catch_warnings():
        warnings.showwarning = show  # type: ignore[assignment]
        yield


def _pipe(model: Conversion, sources: list[str], wishes: Wishes) -> None:
    """One photo from stdin or a file, to stdout or a file."""
    from img2img.images import DEEP_FORMATS, Encoding, ImageError, format_of, read_photo, write_samples

    if len(sources) > 1 or (sources[0] != "-" and Path(sources[0]).is_dir()):
        fail("- is for one photo: from stdin, or to stdout", WRONG_USAGE)
    target = Path(wishes.out) if wishes.out and wishes.out != "-" else None
    if target and target.exists() and wishes.on_existing != "overwrite":
        if wishes.on_existing == "skip":
            return
        fail(f"{target} exists already; --on-existing skip or overwrite says what to do")
    source = sys.stdin.buffer if sources[0] == "-" else Path(sources[0])
    photo = read_photo(source, max_pixels=wishes.max_pixels, integers=True)
    if wishes.mask:
        photo = replace(photo, mask=read_photo(wishes.mask, max_pixels=wishes.max_pixels, integers=True))
    asked = wishes.format or (target.suffix if target else photo.format)
    try:
        kind = format_of(asked)
    except ImageError:
        if wishes.format or target:
            raise
        kind = "PNG"  # a format that is read but not written, as for files
    result = model.convert(photo, photo.bits if kind in DEEP_FORMATS else 8)
    encoding = Encoding(kind, wishes.quality, result.icc, result.exif, result.more)
    left_out = write_samples(result.samples, target or sys.stdout.buffer, encoding)
    if note := "; ".join(filter(None, [model.note, result.note, left_out])):
        print(note, file=sys.stderr)
    if target:
        print(target)
