"""What to ask of a GPU in its first ten minutes: placement, speed, a step's trace, exactness, ranks. One table.

    python tools/first_gpu_minutes.py --out runs/first-gpu
    python tools/first_gpu_minutes.py --out runs/rehearsal --device cpu --tiny

Each part is a process of its own with its own time, so that one that fails, hangs or runs out of memory takes no other
along; the most wanted come first, and what no time is left for is named. In --out lie table.md and rows.json, written
anew after each part, and what each part said, in PART.log.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

TOOLS = Path(__file__).parent
Row = dict[str, Any]
MARK = "row of the table: "
"""Before a row that a part prints as JSON."""


@dataclass(frozen=True)
class Part:
    """One process. seconds: its time, on a GPU. rows: what it said, and its exit code -> rows."""

    name: str
    seconds: float
    command: Callable[[str, bool], list[str]]
    rows: Callable[[str, int], list[Row]]


def own(name: str, seconds: float) -> Part:
    """A part of gpu_parts.py."""

    def command(device: str, tiny: bool) -> list[str]:
        return [__file__, "--part", name, "--device", device, *(["--tiny"] if tiny else [])]

    def rows(said: str, code: int) -> list[Row]:
        return _objects("\n".join(line for line in said.splitlines() if line.startswith(MARK)))

    return Part(name, seconds, command, rows)


def steps(name: str, seconds: float, options: Sequence[object], tiny: Sequence[object]) -> Part:
    """Rows of bench_train.py."""

    def command(device: str, is_tiny: bool) -> list[str]:
        given = [*options, *(tiny if is_tiny else [])]
        return [str(TOOLS / "bench_train.py"), "--device", device, "--json", *map(str, given)]

    def rows(said: str, code: int) -> list[Row]:
        return [step_row(row) for row in _objects(said)]

    return Part(name, seconds, command, rows)


def step_row(row: Row) -> Row:
    """A row of bench_train.py in words."""
    spread = f"{1e3 * row['seconds_lowest']:.3g} to {1e3 * row['seconds_highest']:.3g}"
    ratios = f"{row['ratio_lowest']:.2f} to {row['ratio_highest']:.2f}"
    result = f"{1e3 * row['seconds']:.3g} ms a step ({spread}), {row['ratio']:.2f} times the plain code ({ratios})"
    what = f"{row['recipe']} {row['size']} px, batch {row['batch']}: {row['variant']}, {row['precision']}"
    return {"what": what, "result": result, **row}


def upscaling(seconds: float) -> Part:
    """Rows of bench_upscale.py."""

    def command(device: str, tiny: bool) -> list[str]:
        models, side = (["light-x4"], 256) if tiny else (["photo-x4", "light-x4"], 2048)
        return [str(TOOLS / "bench_upscale.py"), *models, "--sizes", str(side), "--device", device, "--json"]

    def rows(said: str, code: int) -> list[Row]:
        found = []
        for row in _objects(said):
            figures = "{seconds} s, {megapixels_per_second} MP/s, {cpu_seconds_per_megapixel} CPU s/MP, network {share}"
            rate = row.get("error") or figures.format(**row, share=f"{row['network_share']:.0%}")
            found.append({"what": f"{row['model']} to {row['side']}²", "result": rate, "ok": "error" not in row, **row})
        return found

    return Part("upscale", seconds, command, rows)


MEASURED = ["--only", "plain,channels_last,default", "--compile", "no", "--seconds", 1]
SMALLEST = ["--size", 32, "--width", 4, "--batch", 1, "--seconds", 0, "--rounds", 1, "--compile", "no"]
PARTS = (
    own("placement", 90),
    steps("steps", 100, ["--recipes", "cyclegan,pix2pix", *MEASURED], [*SMALLEST, "--recipes", "pix2pix"]),
    own("trace", 50),
    own("exactness", 30),
    own("ranks", 30),
    own("layouts", 60),
    steps(
        "steps, batch 16", 90, ["--recipes", "cyclegan,pix2pix", *MEASURED, "--batch", 16],
        [*SMALLEST, "--batch", 2, "--recipes", "pix2pix", "--only", "default"],
    ),
    upscaling(50),
    steps(
        "upscalers' steps", 60, ["--recipes", "srresnet,srgan", "--size", 96, *MEASURED, "--batch", 16],
        [*SMALLEST, "--recipes", "srresnet", "--only", "default"],
    ),
    steps(
        "compiled steps", 150, ["--recipes", "cyclegan", "--only", "compile,all", "--precisions", "bf16"],
        [*SMALLEST, "--recipes", "pix2pix", "--only", "default"],
    ),
)  # fmt: skip


def ranks(device: str) -> Iterator[Row]:
    """Two ranks that ask for one GPU are refused in one line each, at once."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
        world = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "LOCAL_WORLD_SIZE": "2"}
        command = [sys.executable, "-m", "img2img", "train", "gan", "--images", folder, "--out", f"{folder}/run"]
        started = time.monotonic()
        processes = [
            subprocess.Popen(
                [*command, "--device", "cuda:0"],
                env=os.environ | world | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
                stderr=subprocess.PIPE,
                text=True,
            )
            for rank in range(2)
        ]
        said = [process.communicate()[1].strip().splitlines()[-1:] for process in processes]
        codes = [process.returncode for process in processes]
    refused = codes == [2, 2] and all("would share one GPU" in line for lines in said for line in lines)
    taken = f"{time.monotonic() - started:.1f} s"
    result = f"refused by both in {taken}" if refused else f"exit codes {codes} in {taken}: {said}"
    yield {"what": "two ranks on cuda:0", "result": result, "ok": refused}


def one_part(name: str, device: str, tiny: bool) -> None:
    """In the part's own process: prints its rows."""
    if name == "ranks":
        rows = list(ranks(device))
    else:
        import gpu_parts
        import torch

        from img2img.machine import choose_device

        chosen = choose_device(device)
        torch.backends.cudnn.benchmark = True  # as in training
        rows = gpu_parts.PARTS[name](chosen, tiny)
    for row in rows:
        print(MARK + json.dumps(row), flush=True)


def rows_of(part: Part, device: str, tiny: bool, seconds: float, log: Path) -> list[Row]:
    """Runs the part for so long at most; what it found until then, and a row that says what went wrong, if anything."""
    started = time.monotonic()
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, *part.command(device, tiny)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
        ended = ""
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _kill(process)
            said, _ = process.communicate()
            ended = f"ended after its {seconds:.0f} s"
        except BaseException:
            _kill(process)
            raise
    if process.returncode and not ended:
        last = log.read_text(encoding="utf-8").strip().splitlines()[-1:]
        ended = f"exit code {process.returncode}: {' '.join(last)[:200]}"
    rows = part.rows(said, process.returncode)
    if ended or not rows:
        rows.append({"what": "the part", "result": ended or "said nothing", "ok": False})
    taken = round(time.monotonic() - started, 1)
    return [{"part": part.name, "ok": True, "part_seconds": taken} | row for row in rows]


def _kill(process: subprocess.Popen[str]) -> None:
    """With all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _objects(said: str) -> list[Row]:
    """The lines that are whole: of a part that was ended the last one may not be."""
    found = []
    for line in said.splitlines():
        with suppress(ValueError):
            found.append(json.loads(line.removeprefix(MARK)))
    return [row for row in found if isinstance(row, dict)]


def markdown(rows: Sequence[Row], title: str) -> str:
    """The table."""
    lines = [["part", "what", "result", ""], ["---"] * 4]
    lines += [
        [row["part"], row["what"], row["result"].replace("|", "/"), "" if row["ok"] else "FAILED"] for row in rows
    ]
    return f"{title}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main(
    out: Annotated[Path, typer.Option(help="Folder for the table.")] = Path("runs/first-gpu"),
    device: Annotated[str, typer.Option(help="cuda, or cpu to rehearse.")] = "cuda",
    minutes: Annotated[float, typer.Option(help="For all of it.")] = 9.5,
    only: Annotated[str, typer.Option(help="Names of parts, comma-separated [default: all].")] = "",
    tiny: Annotated[bool, typer.Option("--tiny", help="Everything as small as it can be: a rehearsal.")] = False,
    part: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Ten minutes on a GPU: one table of placement, speed, traces, exactness and ranks."""
    if part:
        one_part(part, device, tiny)
        return
    names = [name for name in only.split(",") if name]
    out.mkdir(parents=True, exist_ok=True)
    until, rows = time.monotonic() + 60 * minutes, list[Row]()
    title = f"First minutes on {device}{', tiny' if tiny else ''}"
    for each in PARTS:
        if names and each.name not in names:
            continue
        left = until - time.monotonic()
        if left < 5:
            rows.append({"part": each.name, "what": "the part", "result": "left out: no time", "ok": False})
        else:
            log = out / f"{each.name.replace(' ', '_').replace(',', '')}.log"
            rows += rows_of(each, device, tiny, left if tiny else min(each.seconds, left), log)
        print(*(f"{row['part']}: {row['what']}: {row['result']}" for row in rows[-1:]), file=sys.stderr, flush=True)
        (out / "rows.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
        (out / "table.md").write_text(markdown(rows, title), encoding="utf-8")
    print((out / "table.md").read_text(encoding="utf-8"))
    raise typer.Exit(0 if all(row["ok"] for row in rows) else 1)


if __name__ == "__main__":
    typer.run(main)
