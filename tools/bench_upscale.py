"""How fast photos are enlarged, and in how much memory: from a JPEG on disk to a JPEG on disk.

    python tools/bench_upscale.py                                   # every shipped model, on every device that is here
    python tools/bench_upscale.py light-x4 runs/faces --sizes 512,2048 --device cpu --json

Each figure comes from a process of its own, whose peak memory it is; weights are loaded and one tile is computed before
the clock starts. A photo is smooth noise of 1/scale of the side. MP are millions of px of the result.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer


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
        print(json.dumps(measured(*json.loads(measure))))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"torch {_torch_version()}, {precision}, tile {tile}")
    for column in ("model", "device", "result, px", "s", "MP/s", "network, %", "memory, GiB", "of the GPU"):
        table.add_column(column, justify="left" if column in ("model", "device") else "right")
    for model in models or _shipped():
        for place in _devices() if device == "all" else [device]:
            for side in map(int, sizes.split(",")):
                row = _in_a_process([model, place, side, precision, tile])
                if as_json:
                    print(json.dumps(row), flush=True)
                table.add_row(*_cells(row))
    if not as_json:
        Console().print(table)


def measured(model: str, device: str, side: int, precision: Any, tile: str) -> dict[str, Any]:
    """One row: the way of one photo from file to file, in this process."""
    import torch
    from torch import Tensor, nn

    from img2img.apply.batch import run_batch
    from img2img.apply.models import open_upscaler
    from img2img.apply.plan import Job
    from img2img.images import Photo, write_photo
    from img2img.networks.devices import choose_device
    from img2img.training.progress import memory_gib

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
        timed.seconds, started = 0.0, time.perf_counter()
        (report,) = run_batch([job], opened)
        seconds = time.perf_counter() - started
    if report.state != "written":
        return {"model": model, "device": str(chosen), "side": low * opened.scale, "error": report.error}
    return {
        "model": model,
        "device": torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else f"{chosen}, {_threads()} threads",
        "side": low * opened.scale,
        "seconds": round(seconds, 2),
        "megapixels_per_second": round((low * opened.scale) ** 2 / 1e6 / seconds, 3),
        "network_share": round(timed.seconds / seconds, 3),
        "memory_gib": round(memory_gib(torch.device("cpu")), 2),
        "gpu_memory_gib": round(memory_gib(chosen), 2) if chosen.type == "cuda" else None,
    }


def _in_a_process(arguments: list[Any]) -> dict[str, Any]:
    command = [sys.executable, __file__, "--measure", json.dumps(arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        return {"model": arguments[0], "device": arguments[1], "side": arguments[2], "error": f"exit {done.returncode}"}
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


def _cells(row: dict[str, Any]) -> list[str]:
    if "error" in row:
        return [row["model"], row["device"], str(row["side"]), row["error"], "", "", "", ""]
    gpu = row["gpu_memory_gib"]
    return [
        row["model"], row["device"], f"{row['side']}²", f"{row['seconds']:.1f}", f"{row['megapixels_per_second']:.2f}",
        f"{100 * row['network_share']:.0f}", f"{row['memory_gib']:.2f}", "" if gpu is None else f"{gpu:.2f}",
    ]  # fmt: skip


def _shipped() -> list[str]:
    from img2img.weights.files import read_card
    from img2img.weights.find import shipped

    return [name for name, path in shipped().items() if read_card(path).task == "upscale"]


def _devices() -> list[str]:
    import torch

    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [name for name, is_there in there.items() if is_there]


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def _torch_version() -> str:
    import torch

    return torch.__version__


if __name__ == "__main__":
    typer.run(main)
