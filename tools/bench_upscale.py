"""How fast photos are enlarged, and in how much memory: from a JPEG on disk to a JPEG on disk.

    python tools/bench_upscale.py                                   # every shipped model, on every device that is here
    python tools/bench_upscale.py light-x4 runs/faces --sizes 512,2048 --device cpu --json

Each figure comes from a process of its own, whose peak memory it is; weights are loaded and one tile is computed before
the clock starts. A photo is smooth noise of 1/scale of the side. MP are millions of px of the
result. CPU s/MP is the time of all threads together: with OMP_NUM_THREADS=1 that of one core, on a busy machine, too.
"""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from benching import Row, devices, in_a_process, shipped_for, tell, used


def main(
    models: Annotated[list[str] | None, typer.Argument(help="Names, files, runs; without, the shipped ones.")] = None,
    sizes: Annotated[str, typer.Option(help="Sides of the results, px, comma-separated.")] = "512,2048,10000",
    device: Annotated[str, typer.Option(help="cpu, cuda, mps, or all that are here.")] = "all",
    precision: Annotated[str, typer.Option(help="auto, fp32, bf16, fp16.")] = "auto",
    tile: Annotated[str, typer.Option(help="auto, off, or px.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
    measure: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> None:
    """Megapixels/s, peak memory and the network's share of the time, for each model, device and size."""
    if measure:
        print(json.dumps(measured(**json.loads(measure))))
        return
    rows = (
        in_a_process(__file__, {"model": model, "device": place, "side": side, "precision": precision, "tile": tile})
        for model in models or shipped_for("upscale")
        for place in devices(device)
        for side in map(int, sizes.split(","))
    )
    tell(
        rows,
        f"{precision}, tile {tile}",
        "model",
        ("result, px", "s", "CPU s/MP", "MP/s", "network, %"),
        _cells,
        as_json,
    )


def measured(model: str, device: str, side: int, precision: Any, tile: str) -> Row:
    """One row: the way of one photo from file to file, in this process."""
    import torch
    from torch import Tensor, nn

    from img2img.apply.batch.plan import Job
    from img2img.apply.batch.run import run_batch
    from img2img.apply.models import open_upscaler
    from img2img.images import Photo, write_photo
    from img2img.machine import choose_device

    class Timed(nn.Module):
        """Adds up the seconds that the network computes."""

        def __init__(self, network: nn.Module) -> None:
            super().__init__()
            self.network = network
            self.seconds = 0.0

        def forward(self, low: Tensor) -> Tensor:
            started = time.perf_counter()
            result: Tensor = self.network(low)
            if low.device.type == "cuda":
                torch.cuda.synchronize(low.device)
            self.seconds += time.perf_counter() - started
            return result

    chosen = choose_device(device)
    size: Any = tile if tile in ("auto", "off") else int(tile)
    opened = open_upscaler(model, None, device=chosen, precision=precision, tile=size)
    timed = Timed(opened.network)
    opened = replace(opened, network=timed)
    low = side // opened.scale
    torch.manual_seed(0)
    coarse = torch.rand(1, 3, low // 16 + 2, low // 16 + 2) * 2 - 1
    pixels = nn.functional.interpolate(coarse, (low, low), mode="bicubic")[0].clamp(-1, 1)
    opened.run(pixels[:, :128, :128])  # kernels are chosen, the memory of a pixel is measured
    with tempfile.TemporaryDirectory() as folder:
        job = Job(Path(folder, "low.jpg"), Path(folder, "high.jpg"))
        write_photo(Photo(pixels), job.source)
        del pixels
        timed.seconds, started, computed = 0.0, time.perf_counter(), time.process_time()
        (report,) = run_batch([job], opened)
        seconds, computed = time.perf_counter() - started, time.process_time() - computed
    row = {"model": model, "device": str(chosen), "side": low * opened.scale}
    if report.state != "written":
        return {**row, "error": report.error}
    return {
        **row,
        "seconds": round(seconds, 2),
        "cpu_seconds_per_megapixel": round(computed / (low * opened.scale) ** 2 * 1e6, 2),
        "megapixels_per_second": round((low * opened.scale) ** 2 / 1e6 / seconds, 3),
        "network_share": round(timed.seconds / seconds, 3),
        **used(chosen),
    }


def _cells(row: Row) -> list[str]:
    speed, share = f"{row['megapixels_per_second']:.2f}", f"{100 * row['network_share']:.0f}"
    computed = f"{row['cpu_seconds_per_megapixel']:.2f}"
    return [f"{row['side']}²", f"{row['seconds']:.1f}", computed, speed, share]


if __name__ == "__main__":
    typer.run(main)
