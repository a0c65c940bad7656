"""Time of a batch over many small pictures, this code beside that of another checkout, in CPU seconds.

    git worktree add /tmp/before 0fd0265
    python tools/bench_batch.py --before /tmp/before --pictures 1000 --pairs 3

Each pair is one process of each, one after the other in turn: made of the same pictures, with the same weights, of few
parameters, so that what is measured is reading, the network's smallest share, writing and the manifest. What importing
takes is measured by a batch of one picture, and taken off.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from torture_makings import smooth, upscaler
from torture_weights import with_metadata

from img2img.config.card import METADATA_KEY

_KINDS = {"png": {}, "jpg": {"quality": 90}, "bmp": {}, "tif": {"compression": "tiff_adobe_deflate"}}
_SIDES = (64, 48)


def main() -> None:
    """See the top of the file."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--before", type=Path, required=True, help="checkout of the other code")
    options.add_argument("--pictures", type=int, default=1000)
    options.add_argument("--pairs", type=int, default=3)
    options.add_argument("--format", choices=_KINDS, help="of the pictures [default: all, in turn]")
    given = options.parse_args()
    checkouts = {"before": given.before, "now": Path(__file__).parents[1]}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        weights = _as_older_code_reads_it(upscaler())
        (root / "w.safetensors").write_bytes(weights)
        kinds = [given.format] if given.format else list(_KINDS)
        _draw(root / "many", given.pictures, kinds)
        _draw(root / "few", len(kinds), kinds)
        ratios = []
        for pair in range(given.pairs):
            order = list(checkouts)[:: 1 if pair % 2 else -1]
            seconds = {name: _batch(checkouts[name], root, f"{name}-{pair}") for name in order}
            ratios.append(seconds["now"] / seconds["before"])
            told = ", ".join(f"{name} {1000 * seconds[name] / given.pictures:.2f} ms" for name in checkouts)
            print(f"pair {pair + 1}: a picture {told}: {ratios[-1]:.3f} times", flush=True)
    print(f"median of {given.pairs} pairs: {statistics.median(ratios):.3f} times the CPU time of before")


def _as_older_code_reads_it(weights: bytes) -> bytes:
    """Without what its card has besides, where that is the default's."""

    def change(card: str) -> str:
        content = json.loads(card)
        content.pop("teachers")
        for network in content["networks"].values():
            network["spec"].pop("head")
        return json.dumps(content)

    return with_metadata(weights, METADATA_KEY, change)


def _draw(folder: Path, count: int, kinds: list[str]) -> None:
    folder.mkdir()
    for number in range(count):
        kind = kinds[number % len(kinds)]
        grain = np.random.default_rng(number).normal(0, 6, (*_SIDES[::-1], 3))
        picture = Image.fromarray((smooth(*_SIDES, number) + grain).clip(0, 255).astype(np.uint8))
        picture.save(folder / f"{number:05}.{kind}", **_KINDS[kind])


def _batch(checkout: Path, root: Path, name: str) -> float:
    """CPU seconds of the many pictures beyond those of the few."""
    many, few = (_cpu_seconds(checkout, root, root / which, root / f"{name}-{which}") for which in ("many", "few"))
    return many - few


def _cpu_seconds(checkout: Path, root: Path, photos: Path, out: Path) -> float:
    command = [sys.executable, "-m", "img2img", "upscale", str(photos), "-o", str(out), "--device", "cpu", "--json"]
    environment = os.environ | {"PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [*command, "--model", str(root / "w.safetensors"), "--precision", "fp32"],
        check=True, env=environment, cwd=checkout, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
