"""The light inpainter: what it is before it learns, and in half precision."""

from __future__ import annotations

import torch

from img2img.config.networks.inpainters import LightInpaintSpec
from img2img.networks import build
from img2img.networks.inpainters.inpainter import blanked
from img2img.networks.layers.smooth_fill import smooth_fill


def masked(side: int) -> torch.Tensor:
    torch.manual_seed(0)
    both = torch.rand(2, 4, side, side) * 2 - 1
    both[:, 3] = (both[:, 3] > 0.5).float()
    return both


def test_it_begins_as_the_smooth_fill() -> None:
    both = masked(24)
    assert torch.equal(build(LightInpaintSpec(width=4))(both), smooth_fill(*blanked(both)))


def test_half_precision_leaves_the_fill_in_full() -> None:
    network = build(LightInpaintSpec(width=4, blocks=1))
    torch.nn.init.normal_(network.leave[0].weight, std=0.01)
    both = masked(32)
    with torch.no_grad():
        exact = network(both)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            half = network(both)
    assert half.dtype == torch.float32
    change = (exact - smooth_fill(*blanked(both))).abs().max()
    assert change > 1e-3 and (half - exact).abs().max() < 0.05 * change
