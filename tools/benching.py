"""What the benchmarks of applied models share: a process for each figure, the devices and models there are, one table.

A benchmark is a script that, told `--measure JSON`, prints one row as JSON: the device, its figures and `used`, or an
error.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # it takes seconds to import, and the process that starts the others needs it late or not at all
    import torch

    from img2img.config.card import Task

Row = dict[str, Any]


def in_a_process(script: str, what: Row) -> Row:
    """The row that a script measures of `what`, in a process of its own; where it dies, `what` and the exit code."""
    done = subprocess.run([sys.executable, script, "--measure", json.dumps(what)], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        return {**what, "error": f"exit {done.returncode}"}
    row: Row = json.loads(done.stdout.splitlines()[-1])
    return row


def used(device: torch.device) -> Row:
    """Where this process computed, and the most memory that it held, GiB."""
    import torch

    from img2img.machine import memory_gib

    cuda = device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(device) if cuda else f"{device}, {torch.get_num_threads()} threads",
        "memory_gib": round(memory_gib(torch.device("cpu")), 2),
        "gpu_memory_gib": round(memory_gib(device), 2) if cuda else None,
    }


def tell(
    rows: Iterable[Row], title: str, name: str, columns: Sequence[str], cells: Callable[[Row], list[str]], as_json: bool
) -> None:
    """Print each row as JSON when it is there, or all of them as a table.

    name: the key of what is measured, the first column. columns, cells: those between the device and the memory, of
    which the first is the "side" of what was measured.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"torch {_torch_version()}, {title}")
    for column in (name, "device", *columns, "memory, GiB", "of the GPU"):
        table.add_column(column, justify="left" if column in (name, "device") else "right")
    for row in rows:
        if as_json:
            print(json.dumps(row), flush=True)
        elif "error" in row:
            table.add_row(row[name], row["device"], str(row["side"]), row["error"])
        else:
            gpu = row["gpu_memory_gib"]
            memory = [f"{row['memory_gib']:.2f}", "" if gpu is None else f"{gpu:.2f}"]
            table.add_row(row[name], row["device"], *cells(row), *memory)
    if not as_json:
        Console().print(table)


def shipped_for(task: Task) -> list[str]:
    """Names of the shipped models of a task."""
    from img2img.weights.files import read_card
    from img2img.weights.find import shipped

    return [name for name, path in shipped().items() if read_card(path).task == task]


def devices(asked: str) -> list[str]:
    """The one that is asked for; all: every kind that is here."""
    import torch

    if asked != "all":
        return [asked]
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [name for name, is_there in there.items() if is_there]


def _torch_version() -> str:
    import torch

    return torch.__version__
