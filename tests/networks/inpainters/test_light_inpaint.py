"""The light inpainter: what it is before it learns, and in half precision."""

from __future__ import annotations

from pathlib import Path

import torch

from img2img.config.card import ModelCard, NetworkCard
from img2img.config.networks.inpainters import LightInpaintSpec
from img2img.networks import build
from img2img.networks.inpainters.inpainter import blanked
from img2img.networks.layers.smooth_fill import smooth_fill
from img2img.weights.files import load, save


def masked(side: int) -> torch.Tensor:
    torch.manual_seed(0)
    both = torch.rand(2, 4, side, side) * 2 - 1
    both[:, 3] = (both[:, 3] > 0.5).float()
    return both


def test_it_begins_as_the_smooth_fill() -> None:
    both = masked(24)
    assert torch.equal(build(LightInpaintSpec(width=4))(both), smooth_fill(*blanked(both)))


def test_blocks_begin_by_passing_on_what_they_are_given() -> None:
    network = build(LightInpaintSpec(width=4, blocks=5, slope=0.2))
    features = torch.randn(1, 8, 6, 6)
    assert torch.equal(network.blocks(features), features)


def test_gradients_pass_activations_below_zero() -> None:
    """All of the last ones can be, after a step too far: with ReLU nothing would ever be learnt again."""
    gradients = {}
    for slope in (0.0, 0.2):
        network = build(LightInpaintSpec(width=4, blocks=1, slope=slope))
        torch.nn.init.normal_(network.leave[0].weight)
        torch.nn.init.constant_(network.same[1][0].bias, -100)
        network(masked(16)).square().mean().backward()
        gradients[slope] = network.enter[0].weight.grad.abs().max().item()
    assert gradients[0.0] == 0 and gradients[0.2] > 0


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


def test_noise_stirs_the_hole_alone_and_always_alike_once_it_is_applied() -> None:
    network = build(LightInpaintSpec(width=4, blocks=1, noise=True))
    torch.nn.init.normal_(network.leave.weight)
    both = masked(32)
    both[:, 3] = 0
    with torch.no_grad():
        assert torch.equal(network(both), network(both))  # no hole, no noise
        both[:, 3, 8:24, 8:24] = 1
        assert not torch.equal(network(both), network(both))
        network.eval()
        assert torch.equal(network(both), network(both))
        network.train().stir.weight.zero_()
        assert torch.equal(network(both), network(both))


def test_without_its_noise_a_network_with_noise_draws_no_lattice() -> None:
    """Far from a hole's border all places are alike, so that all four of 2 x 2 px, and of 4 x 4, become one value."""
    inside = []
    for noise in (False, True):
        torch.manual_seed(0)
        network = build(LightInpaintSpec(width=4, blocks=1, noise=noise)).eval()
        for weight in network.parameters():
            weight.data += 0.1 * torch.randn_like(weight)
        if noise:
            network.stir.weight.data.zero_()
        given = torch.zeros(1, 4, 128, 128)
        given[:, :3] = 0.5
        given[:, 3, 8:120, 8:120] = 1
        given[:, :3] *= 1 - given[:, 3:]
        with torch.no_grad():
            inside.append(network(given)[..., 56:72, 56:72].std((2, 3)).max().item())
    assert inside[0] > 1e-2 and inside[1] < 1e-5


def test_the_noise_reaches_what_is_learnt() -> None:
    network = build(LightInpaintSpec(width=4, blocks=1, noise=True))
    torch.nn.init.normal_(network.leave.weight)
    network(masked(16)).square().mean().backward()
    assert network.stir.weight.grad.abs().min() > 0


def test_a_file_holds_all_that_it_needs(tmp_path: Path) -> None:
    spec = LightInpaintSpec(width=4, blocks=1, slope=0.2, noise=True)
    network, both = build(spec).eval(), masked(32)
    torch.nn.init.normal_(network.leave.weight)
    save(
        tmp_path / "fill.safetensors", {"g": network}, ModelCard(task="inpaint", networks={"g": NetworkCard(spec=spec)})
    )
    networks, _ = load(tmp_path / "fill.safetensors")
    with torch.no_grad():
        assert torch.equal(networks["g"].eval()(both), network(both))
