"""Gated convolutions, and how the two stages are joined."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.functional import elu

from img2img.config.networks.inpainters import GatedSpec
from img2img.networks import build
from img2img.networks.inpainters.gated import Copying, Gated, GatedInpainter, elu_gated


@pytest.mark.parametrize("activation", [elu, torch.relu])
def test_gates_are_the_second_half_of_the_channels(activation) -> None:  # type: ignore[no-untyped-def]
    layer = nn.Conv2d(1, 4, 1)
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.copy_(torch.tensor([2.0, -1.0, 100.0, -100.0]))  # type: ignore[union-attr]
    result = Gated(layer, activation)(torch.randn(1, 1, 2, 2))
    assert result.shape == (1, 2, 2, 2)
    assert torch.equal(result[:, 0], torch.full((1, 2, 2), 2.0))
    assert result[:, 1].abs().max() < 1e-30
    with torch.no_grad():
        layer.bias.copy_(torch.tensor([2.0, -1.0, 0.0, 0.0]))  # type: ignore[union-attr]
    half_open = Gated(layer, activation)(torch.randn(1, 1, 1, 1)).flatten()
    torch.testing.assert_close(half_open, activation(torch.tensor([2.0, -1.0])) / 2)


def test_gates_in_place_are_the_same_with_the_same_gradients() -> None:
    torch.manual_seed(0)
    found = []
    mixed = torch.randn(2, 6, 4, 4, dtype=torch.float64).contiguous(memory_format=torch.channels_last)
    for gate in (elu_gated, Gated(nn.Identity(), elu)):
        leaf = mixed.clone().requires_grad_()
        result = gate(leaf * 1)
        result.square().sum().backward()
        found.append((result.detach(), leaf.grad))
    assert found[0][0].is_contiguous(memory_format=torch.channels_last)
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)


def test_the_second_stage_sees_known_pixels_and_the_first_stages_hole() -> None:
    torch.manual_seed(0)
    network = build(GatedSpec(width=4))
    assert isinstance(network, GatedInpainter) and network.refine is not None
    seen: list[torch.Tensor] = []
    network.refine.register_forward_pre_hook(lambda _, inputs: seen.extend(inputs))
    masked = torch.rand(1, 4, 16, 16)
    masked[:, 3] = 0
    masked[:, 3, 4:9, :7] = 1
    coarse, _ = network.stages(masked)
    filled, mask = seen
    assert torch.equal(mask, masked[:, 3:])
    assert torch.equal(filled, torch.where(mask > 0, coarse, masked[:, :3]))


def test_the_second_stages_cost_reaches_the_first() -> None:
    torch.manual_seed(0)
    network = build(GatedSpec(width=4))
    assert isinstance(network, GatedInpainter)
    masked = torch.rand(1, 4, 32, 32)
    masked[:, 3] = 0
    masked[:, 3, 4:16, :16] = 1
    network(masked).square().mean().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in network.coarse.parameters())


def test_a_flat_picture_stays_without_checkerboard() -> None:
    """Away from the borders, which the zeros around the picture make different, there is nothing of period 2 or 4."""
    torch.manual_seed(0)
    network = build(GatedSpec(width=4, stages=1)).double()
    flat = torch.full((1, 4, 400, 8), 0.5, dtype=torch.float64)
    flat[:, 3] = 0
    middle = network(flat.repeat(1, 1, 1, 50))[..., 180:220, 180:220]
    assert middle.std((2, 3)).max() < 1e-9


@pytest.mark.parametrize("spec", [GatedSpec(width=4), GatedSpec(width=4, attention=False)])
def test_half_precision_stays_close(spec: GatedSpec) -> None:
    torch.manual_seed(0)
    network = build(spec)
    masked = torch.rand(1, 4, 32, 32) * 2 - 1
    masked[:, 3] = (masked[:, 3] > 0.8).float()
    with torch.no_grad():
        exact = network(masked)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            half = network(masked)
    assert (half.float() - exact).abs().max() < 0.02 < exact.abs().max()


def test_nothing_is_copied_from_a_place_that_the_hole_touches() -> None:
    """One pixel of the picture closes the one of the maps, a quarter as large, that it lies in."""
    copying, seen = Copying(4, width=2), []
    copying.attention.register_forward_pre_hook(lambda _, given: seen.append(given[1]))
    filled = torch.rand(2, 4, 16, 24)
    filled[:, 3] = 0
    filled[1, 3, 7, 9] = 1
    with torch.no_grad():
        copying(filled)
    assert seen[0].shape == (2, 1, 4, 6) and seen[0].nonzero().tolist() == [[1, 0, 1, 2]]
