"""`img2img translate SRC… --model MODEL [--to DOMAIN]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .errors import INTERRUPTED, SOME_FAILED, WRONG_USAGE, fail, refusals

if TYPE_CHECKING:
    from img2img.apply.batch import Report
    from img2img.apply.engine import Model

app = typer.Typer(help="Convert photos from one domain to another with a trained model.")
Format = Literal["jpg", "png", "webp", "avif", "tiff"]


@app.command()
def translate(
    sources: Annotated[list[str], typer.Argument(metavar="SRC...", help="Files, folders (walked), or - for stdin.")],
    model: Annotated[str, typer.Option("--model", help="A weights file, or the folder of a run.")],
    out: Annotated[
        str | None, typer.Option("--out", "-o", help="A file, a folder, or - for stdout [beside each source].")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", help="The domain to translate to, by the model's names.")] = None,
    format: Annotated[Format | None, typer.Option("--format", help="Format of the results [the source's].")] = None,
    quality: Annotated[int | None, typer.Option("--quality", min=1, max=100, help="Of JPEG, WebP and AVIF.")] = None,
    on_existing: Annotated[
        Literal["fail", "skip", "overwrite"],
        typer.Option("--on-existing", help="What to do where a result is already."),
    ] = "fail",
    max_pixels: Annotated[
        int, typer.Option("--max-pixels", min=1, help="Largest photo that is opened, px.")
    ] = 200_000_000,
    noise: Annotated[bool, typer.Option("--noise", help="Keep dropout on, pix2pix's source of variety.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Seed of --noise.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per photo on stdout.")] = False,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, mps, cuda, cuda:1, ...")] = "auto",
) -> None:
    """Convert photos from one domain to another with a trained model.

    Any size and aspect; orientation is applied, transparency, colour profile and metadata are kept, the source is
    never overwritten.
    """
    with refusals():
        import torch

        from img2img.apply.batch import run_batch
        from img2img.apply.engine import open_model
        from img2img.apply.plan import plan
        from img2img.networks.devices import choose_device

        opened = open_model(model, "translate", to=to, device=choose_device(device), noise=noise)
        torch.manual_seed(seed)
        suffix = f".{format}" if format else None
        if "-" in sources:
            _pipe(opened, sources, out, suffix, quality, max_pixels)
            return
        jobs = plan([Path(source) for source in sources], Path(out) if out else None, opened.label, suffix)
        failed = 0
        try:
            for number, report in enumerate(
                run_batch(jobs, opened.convert, on_existing=on_existing, quality=quality, max_pixels=max_pixels), 1
            ):
                failed += report.state == "failed"
                _tell(report, number, len(jobs), as_json)
        except KeyboardInterrupt:
            fail("interrupted; what is written is whole, --on-existing skip goes on", INTERRUPTED)
    if failed:
        fail(f"{failed} of {len(jobs)} photos failed", SOME_FAILED)


def _tell(report: Report, number: int, count: int, as_json: bool) -> None:
    """The result's path on stdout for scripts, what happened on stderr for people."""
    job = report.job
    if as_json:
        facts: dict[str, str | int | float] = {
            "source": str(job.source),
            "target": str(job.target),
            "state": report.state,
        }
        facts |= {"width": report.width, "height": report.height, "seconds": round(report.seconds, 3)}
        facts |= {"note": report.note, "error": report.error}
        print(json.dumps(facts, ensure_ascii=False), flush=True)
        return
    if report.state == "failed":
        print(f"[{number}/{count}] failed: {report.error}", file=sys.stderr)
        return
    note = f" ({report.note})" if report.note else ""
    print(f"[{number}/{count}] {job.source}: {report.state}{note}, {report.seconds:.1f} s", file=sys.stderr)
    print(job.target, flush=True)


def _pipe(
    model: Model, sources: list[str], out: str | None, suffix: str | None, quality: int | None, max_pixels: int
) -> None:
    """One photo from stdin to stdout or a file."""
    from img2img.images import read_photo, write_photo

    if len(sources) > 1:
        fail("- reads one photo from stdin and goes with no other source", WRONG_USAGE)
    result = model.convert(read_photo(sys.stdin.buffer.read(), max_pixels=max_pixels))
    kind = suffix.removeprefix(".") if suffix else None
    if out in (None, "-"):
        write_photo(result, sys.stdout.buffer, format=kind or result.format, quality=quality)
        return
    write_photo(result, Path(str(out)), format=kind, quality=quality)
    print(out)
