"""Shipped networks are alive: whoever goes on training them can teach every layer something."""

from __future__ import annotations

import pytest
import torch

from img2img.networks.inpainters.inpainter import blanked
from img2img.networks.layers.smooth_fill import smooth_fill
from img2img.weights.files import load
from img2img.weights.find import shipped


def example(channels: int) -> torch.Tensor:
    """(1, channels, 48, 48) in [-1, 1], smooth, with details; the last of four channels is a mask."""
    torch.manual_seed(0)
    picture = torch.nn.functional.interpolate(torch.randn(1, channels, 12, 12), scale_factor=4.0, mode="bilinear")
    picture = (picture + 0.1 * torch.randn(1, channels, 48, 48)).clamp(-1, 1)
    if channels == 4:
        picture[:, 3] = 0
        picture[:, 3, 16:32, 16:32] = 1
    return picture


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_gradient_reaches_nearly_every_tensor(name: str) -> None:
    networks, card = load(shipped()[name])
    for network in networks.values():
        network(example(4 if card.task == "inpaint" else 3)).square().mean().backward()
        found = [bool(weight.grad is not None and weight.grad.any()) for weight in network.parameters()]
        assert sum(found) >= 0.9 * len(found), f"{len(found) - sum(found)} of {len(found)} get none"


def test_the_inpainter_does_more_than_the_smooth_fill_that_it_begins_with() -> None:
    networks, _ = load(shipped()["photo-inpaint"])
    (network,) = networks.values()
    masked = example(4)
    hole = masked[:, 3:] > 0
    with torch.inference_mode():
        change = (network(masked) - smooth_fill(*blanked(masked))).abs() * hole
    assert change.sum() / hole.sum() > 0.02
