"""What one call on one photo costs besides `import torch` and the network, as scripts call it: CPU seconds.

    python tools/bench_start.py
    python tools/bench_start.py --rounds 5 --json

Each figure is the least of several processes of their own, all their threads together, after one that fills the caches
of compiled modules and is not counted. `import torch` is timed inside of them where the command imports it at all; the
network is timed as the forward pass. The photo has 128 x 128 px.

An AMD EPYC (Zen 4), shared with others, torch 2.14, light-x4 in bf16, the least of 3:

                           whole   torch  network  the rest
    upscale                 2.18    1.71     0.08      0.39
    inpaint --method telea  1.96    1.56     0.00      0.40
    weights info            0.29    0.00     0.00      0.29
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from benching import Row

COMMANDS = {
    "upscale": ["upscale", "PHOTO", "--model", "light-x4", "--device", "cpu", "--out", "OUT", "--quiet"],
    "inpaint --method telea": ["inpaint", "PHOTO", "--mask", "MASK", "--method", "telea", "--out", "OUT", "--quiet"],
    "weights info": ["weights", "info", "light-x4"],
}
TIMED = """
import json, sys, time
torch_seconds = 0.0
if sys.argv.pop(1) == "with torch":
    started = time.process_time()
    import torch
    torch_seconds = time.process_time() - started
from img2img.cli.app import main
network_seconds = 0.0
if torch_seconds:
    inner, depth = torch.nn.Module.__call__, 0
    def timed(module, *given, **named):
        global network_seconds, depth
        started, depth = time.process_time(), depth + 1
        try:
            return inner(module, *given, **named)
        finally:
            depth -= 1
            if not depth:
                network_seconds += time.process_time() - started
    torch.nn.Module.__call__ = timed
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
assert torch_seconds or "torch" not in sys.modules
print(json.dumps([time.process_time(), torch_seconds, network_seconds]))
"""


def main(
    rounds: Annotated[int, typer.Option(help="Processes of each command.", min=1)] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """CPU seconds of each command: whole, of `import torch`, of the network, and the rest."""
    if not as_json:
        print(f"{'':24}{'whole':>8}{'torch':>8}{'network':>9}{'the rest':>10}   CPU s, least of {rounds}")
    with tempfile.TemporaryDirectory() as folder:
        for name, words in COMMANDS.items():
            row = measured(name, words, Path(folder), rounds)
            if as_json:
                print(json.dumps(row), flush=True)
            else:
                cells = f"{row['whole']:8.2f}{row['torch']:8.2f}{row['network']:9.2f}{row['rest']:10.2f}"
                print(f"{name:24}{cells}", flush=True)


def measured(name: str, words: list[str], folder: Path, rounds: int) -> Row:
    """One row: the process that took least beside torch and the network."""
    places = _pictures(folder)
    call = [sys.executable, "-c", TIMED, "without torch" if words[0] == "weights" else "with torch"]
    call += [str(places.get(word, word)) for word in words]
    settings = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    settings |= {"OMP_NUM_THREADS": "1", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    found = []
    for _ in range(rounds + 1):
        places["OUT"].unlink(missing_ok=True)
        done = subprocess.run(call, env=settings, stdout=subprocess.PIPE, text=True, check=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
    whole, torch, network = min(found[1:], key=lambda times: times[0] - times[1] - times[2])
    rest = whole - torch - network
    figures = {"whole": whole, "torch": torch, "network": network, "rest": rest}
    return {"command": name} | {key: round(value, 3) for key, value in figures.items()}


def _pictures(folder: Path) -> dict[str, Path]:
    """A photo, a mask, and where the result goes."""
    from PIL import Image

    places = {"PHOTO": folder / "photo.png", "MASK": folder / "mask.png", "OUT": folder / "out.png"}
    if not places["PHOTO"].exists():
        Image.linear_gradient("L").resize((128, 128)).convert("RGB").save(places["PHOTO"])
        mask = Image.new("L", (128, 128), 0)
        mask.paste(255, (60, 60, 70, 70))
        mask.save(places["MASK"])
    return places


if __name__ == "__main__":
    typer.run(main)
