"""A photo through a network on the pretended accelerator, in tiles.

`python -m support.applying_on_accelerator` prints JSON: the largest difference from the CPU's result, how often the
network was begun while an earlier tile was not yet waited for, tiles, bands, and waits of the host, line by line.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from support.accelerator import DEVICE, Accelerator  # before the engine, which asks torch for inference mode

from img2img.apply.engine import arrival, forward  # isort: skip
from img2img.apply.engine import model as engine  # isort: skip
from img2img.apply.engine.model import Model  # isort: skip
from img2img.apply.engine.sizing import Sizing  # isort: skip
from img2img.config.networks import SizeNeeds  # isort: skip
from img2img.images import Photo  # isort: skip


class Counting(nn.Module):
    """Enlarges twice; counts its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 12, 3, padding=1)
        self.calls = 0

    def forward(self, picture: Tensor) -> Tensor:
        self.calls += 1
        return nn.functional.pixel_shuffle(self.last(torch.tanh(self.first(picture))), 2)


def told(bits: Literal[8, 16], sizing: Sizing) -> dict[str, object]:
    """What is found for results of so many bits and of this size."""
    torch.manual_seed(0)
    network = Counting()
    kind = torch.uint8 if bits == 8 else torch.uint16
    samples = torch.randint(0, 2**bits, (3, 150, 170)).to(kind)
    photo = Photo(samples, torch.rand(1, 150, 170), bits)
    model = Model(
        network, "upscale", 3, 2, SizeNeeds(radius=2), "x2", torch.device("cpu"), Path(), "fp32", tile=48, sizing=sizing
    )
    here = model.convert(photo).samples
    ahead = bands = 0

    class Watched(arrival.Arrival):
        """Counts how far the network is ahead of what was waited for."""

        waited = 0

        def wait(self) -> Tensor:
            nonlocal ahead
            Watched.waited += self._tensor.ndim == 1
            ahead += self._tensor.ndim == 1 and network.calls > Watched.waited
            return super().wait()

    forward.Arrival = engine.Arrival = Watched  # type: ignore[misc]
    with Accelerator() as accelerator:
        network.to(DEVICE)
        model = Model(
            network, "upscale", 3, 2, SizeNeeds(radius=2), "x2", DEVICE, Path(), "fp32", tile=48, sizing=sizing
        )
        assert model._bytes_per_pixel > 0  # runs the network, and is kept
        network.calls = 0
        accelerator.waits.clear()

        def watch(_: float) -> None:
            nonlocal bands
            bands += 1

        there = model.convert(photo, watch=watch).samples
    waits = {f"{what} at {line}": times for (what, line), times in accelerator.waits.items()}
    difference = int(np.abs(there.astype(int) - here.astype(int)).max())
    return {"difference": difference, "tiles": network.calls, "ahead": ahead, "bands": bands, "waits": waits}


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(json.dumps([told(8, Sizing()), told(16, Sizing()), told(8, Sizing(scale=1.5))]))
