"""What a photo costs beside the network: CPU of the thread that converts it, with a network that costs nothing.

    python tools/bench_beside.py
    python tools/bench_beside.py --tile 512 --json

The network hands out one picture again and again. Cutting, blending, rounding and packing are what is left, in ms of
CPU for a million px of the result, the least of several rounds. Files are read and written by other threads, which
`bench_upscale.py` counts. On a GPU the cutting alone is left to the CPU, and a copy of the finished bytes.

One thread of an AMD EPYC (Zen 4) that others used, too, torch 2.14, tiles of 256 px, ms; "before" is what adding all
tiles up in float32 and rounding afterwards took:

             before        now
    x4,  8   29.7          10.9 to 11.9
    x4, 16   31.5          10.0 to 12.4
    x2,  8   35.4           8.7 to 10.9
    x1,  8   37.3          14.7 to 17.3   (a photo's own px become floats, too, and halos count most)
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor, nn

from img2img.apply.engine.model import Model
from img2img.config.networks import SizeNeeds
from img2img.images import Photo
from img2img.machine import choose_device

CASES = ((4, 8), (4, 16), (2, 8), (1, 8))
"""(times as large, bits of the result)."""
SIDE = 2048
"""Of the result, px."""


class Costless(nn.Module):
    """Enlarges nothing: a picture of noise for each size, made once."""

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale
        self.made: dict[tuple[int, ...], Tensor] = {}

    def forward(self, picture: Tensor) -> Tensor:
        count, _, height, width = size = tuple(picture.shape)
        if size not in self.made:
            made = torch.rand(count, 3, height * self.scale, width * self.scale, device=picture.device)
            self.made[size] = made * 2.2 - 1.1
        return self.made[size]


def main(
    tile: Annotated[int, typer.Option(help="Side of the tiles, px.")] = 256,
    device: Annotated[str, typer.Option(help="cpu, cuda, mps.")] = "cpu",
    rounds: Annotated[int, typer.Option(help="Photos of each kind.", min=1)] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Milliseconds of CPU a megapixel of the result."""
    torch.set_num_threads(1)
    for scale, bits in CASES:
        spent = measured(scale, bits, tile, choose_device(device), rounds)
        if as_json:
            print(json.dumps({"scale": scale, "bits": bits, "ms_per_megapixel": round(spent, 2)}), flush=True)
        else:
            print(f"x{scale}, {bits} bits: {spent:5.1f} ms", flush=True)


def measured(scale: int, bits: int, tile: int, device: torch.device, rounds: int) -> float:
    """Of the quickest of the rounds."""
    needs = SizeNeeds(radius=16)
    model = Model(Costless(scale), "upscale", 3, scale, needs, "", device, Path(), precision="fp32", tile=tile)
    low = SIDE // scale
    photo = Photo(torch.randint(0, 256, (3, low, low), dtype=torch.uint8))
    model.convert(photo, 16 if bits == 16 else 8)
    found = []
    for _ in range(rounds):
        started = time.thread_time()
        model.convert(photo, 16 if bits == 16 else 8)
        found.append(time.thread_time() - started)
    return min(found) * 1e9 / SIDE**2


if __name__ == "__main__":
    typer.run(main)
