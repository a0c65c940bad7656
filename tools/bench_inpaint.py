"""How fast holes in large photos are filled, and in how much memory: from a JPEG and its mask to a JPEG on disk.

    python tools/bench_inpaint.py                             # every method, on every device
    python tools/bench_inpaint.py runs/filler telea --sides 600 --megapixels 24 --device cpu --json

Five square holes of a side, one in each corner's quarter and one in the middle, in a photo of 3:2 of smooth noise. Each
figure comes from a process of its own, whose peak memory it is; weights are loaded and one hole is filled before the
clock starts. `--sides 0` fills nothing: what reading and writing take.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from benching import Row, devices, in_a_process, tell, used

CLASSICAL = ("telea", "navier-stokes")
METHODS = ("auto", "exemplar", "network", *CLASSICAL)
"""With the shipped weights where they need some."""


def main(
    fills: Annotated[list[str] | None, typer.Argument(help="Methods, weights, runs.")] = None,
    sides: Annotated[str, typer.Option(help="Sides of the holes, px, comma-separated.")] = "0,100,300,800",
    megapixels: Annotated[float, typer.Option(help="Of the photo.")] = 24,
    device: Annotated[str, typer.Option(help="cpu, cuda, mps, or all that are here.")] = "all",
    precision: Annotated[str, typer.Option(help="auto, fp32, bf16, fp16.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
    measure: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> None:
    """Seconds and peak memory for each way to fill, device and size of the holes."""
    if measure:
        print(json.dumps(measured(**json.loads(measure))))
        return
    rows = (
        in_a_process(
            __file__, {"fill": fill, "device": place, "side": side, "megapixels": megapixels, "precision": precision}
        )
        for fill in fills or METHODS
        for place in (["cpu"] if fill in CLASSICAL else devices(device))
        for side in map(int, sides.split(","))
    )
    title = f"{precision}, {megapixels:g} megapixels, five holes"
    tell(rows, title, "fill", ("holes, px", "s", "of the CPU"), _cells, as_json)


def measured(fill: str, device: str, side: int, megapixels: float, precision: Any) -> Row:
    """One row: the way of one photo from file to file, in this process."""
    import numpy as np
    from PIL import Image

    from img2img.apply.batch.job import Job
    from img2img.apply.batch.run import run_batch
    from img2img.apply.inpaint.masking import Masking
    from img2img.apply.models import open_inpainter
    from img2img.images import write_samples
    from img2img.images.write import Encoding
    from img2img.machine import choose_device

    chosen = choose_device(device)
    method: Any = fill if fill in METHODS else "auto"
    model = None if fill in METHODS else fill
    opened = open_inpainter(model, Masking(), method=method, device=chosen, precision=precision)
    small = np.zeros((64, 64), np.uint8)
    small[30:34, 30:34] = 1
    opened.filling.fill(np.zeros((3, 64, 64), np.uint8), small, 8)  # kernels are chosen
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    width = round(1.5 * height)
    with tempfile.TemporaryDirectory() as folder:
        job = Job(Path(folder, "photo.jpg"), Path(folder, "filled.jpg"), Path(folder, "mask.png"))
        assert job.mask
        coarse = np.random.default_rng(0).integers(0, 256, (height // 16, width // 16, 3), np.uint8)
        Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC).save(job.source, quality=95)
        mask = np.zeros((height, width, 1), np.uint8)
        for y, x in ((0.25, 0.25), (0.25, 0.75), (0.5, 0.5), (0.75, 0.25), (0.75, 0.75)):
            top, left = round(y * height) - side // 2, round(x * width) - side // 2
            mask[top : top + side, left : left + side] = 255
        write_samples(mask, job.mask, Encoding("PNG"))
        del mask
        started, worked = time.perf_counter(), time.process_time()
        (report,) = run_batch([job], opened)
        seconds, worked = time.perf_counter() - started, time.process_time() - worked
    row = {"fill": fill, "side": side, "device": str(chosen)}
    if report.state != "written":
        return {**row, "error": report.error}
    return {
        **row,
        "seconds": round(seconds, 2),
        "processor_seconds": round(worked, 2),
        **used(chosen),
    }


def _cells(row: Row) -> list[str]:
    return [f"5 x {row['side']}²", f"{row['seconds']:.1f}", f"{row['processor_seconds']:.1f}"]


if __name__ == "__main__":
    typer.run(main)
