"""Progressive growing: the schedule, that nothing jumps, that what is not there yet is left alone."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._dynamo.testing import CompileCounter

from img2img.config.networks.samplers import ProgressiveSpec
from img2img.config.networks.whole_critics import ProgressiveCriticSpec
from img2img.networks import build, count_parameters
from img2img.networks.layers.growing import Growing, averaged, stage_at

SPEC = ProgressiveSpec(latent=6, size=16, width=4, growth=1)
CRITIC = ProgressiveCriticSpec(size=16, width=4, growth=1)
# Three levels of 4, 8 and 16 px have five units of time.
HALFWAY_TO_8, AT_8, HALFWAY_TO_16 = 1.5 / 5, 2.5 / 5, 3.5 / 5


def at(progress: float, spec: Any = SPEC) -> nn.Module:
    torch.manual_seed(0)
    network = build(spec)
    for module in network.modules():
        if isinstance(module, Growing):
            module.follow_progress(progress)
    return network


@pytest.mark.parametrize(
    ("progress", "level", "share"),
    [
        (0, 0, 0),
        (0.19, 0, 0),
        (HALFWAY_TO_8, 0, 0.5),
        (0.39, 0, 0.95),
        (0.41, 1, 0),
        (AT_8, 1, 0),
        (HALFWAY_TO_16, 1, 0.5),
        (0.9, 2, 0),
        (1, 2, 0),
    ],
)
def test_every_level_fades_in_for_as_long_as_it_stays(progress: float, level: int, share: float) -> None:
    growing = Growing(3)
    growing.follow_progress(progress)
    assert (growing.level, growing.fades) == (level, share > 0)
    if share:
        blend = growing.blended(torch.zeros(1, 1, 1, 1), torch.ones(1, 1, 1, 1))
        assert blend.item() == pytest.approx(share, abs=1e-6)


def test_one_level_is_always_there() -> None:
    assert [stage_at(progress, 1) for progress in (0.0, 0.7, 1.0)] == [0, 0, 0]


def test_half_precision_blends_by_the_exact_share() -> None:
    growing = Growing(2)
    growing.follow_progress(1.999 / 3)
    coarse, fine = torch.full((1, 1, 1, 1), 1000.0), torch.zeros(1, 1, 1, 1)
    assert growing.blended(coarse.bfloat16(), fine.bfloat16()).item() == pytest.approx(1.0, rel=0.01)


def test_a_stage_is_compiled_once_whatever_the_share() -> None:
    graphs = CompileCounter()
    network = at(0.21)
    network.compile(backend=graphs)
    latent = torch.randn(2, 6)
    for progress in (0.21, 0.3, 0.39, 0.3):
        network.growth.follow_progress(progress)
        torch.testing.assert_close(network(latent), at(progress)(latent), rtol=0, atol=1e-6)
    assert graphs.frame_count == 1
    assert network.growth.follow_progress(0.5) and not network.growth.follow_progress(0.51)


@pytest.mark.parametrize("size", [8, 16, 32, 64, 128, 256])
@pytest.mark.parametrize("progress", [0.0, 0.5, 1.0])
def test_sizes_are_the_same_at_every_time(size: int, progress: float) -> None:
    spec = ProgressiveSpec(latent=4, size=size, width=2, growth=1)  # type: ignore[arg-type]
    critic = ProgressiveCriticSpec(size=size, width=2, growth=1)  # type: ignore[arg-type]
    with torch.no_grad():
        pictures = at(progress, spec)(torch.randn(2, 4))
        assert pictures.shape == (2, 3, size, size) and pictures.abs().max() <= 1
        assert at(progress, critic)(pictures).shape == (2, 1)


def test_pixels_come_in_squares_of_what_has_grown() -> None:
    latent = torch.randn(2, 6)
    for progress, side in ((0.0, 4), (AT_8, 8)):
        pictures = at(progress)(latent)
        squares = averaged(pictures, side).repeat_interleave(16 // side, 2).repeat_interleave(16 // side, 3)
        torch.testing.assert_close(squares, pictures, rtol=0, atol=1e-6)
    assert pictures.var() > 0


def test_neither_network_jumps() -> None:
    latent, images = torch.randn(4, 6), torch.randn(4, 3, 16, 16)
    step = 1e-5
    for spec, inputs in ((SPEC, latent), (CRITIC, images)):
        for progress in (0.2, 0.4, 0.6, 0.8):
            before, after = at(progress - step, spec)(inputs), at(progress + step, spec)(inputs)
            torch.testing.assert_close(before, after, rtol=0, atol=2e-3)
        assert (at(0.2, spec)(inputs) - at(0.4, spec)(inputs)).abs().max() > 0.05


def test_fading_in_is_a_blend_of_both_levels() -> None:
    network = at(HALFWAY_TO_8)
    latent = torch.randn(2, 6)
    coarse, fine = at(0.0)(latent), at(AT_8)(latent)
    expected = torch.tanh((torch.atanh(coarse) + torch.atanh(fine)) / 2)
    torch.testing.assert_close(network(latent), expected, rtol=0, atol=1e-5)


def test_real_pictures_have_the_detail_of_the_generators() -> None:
    images = torch.randn(2, 3, 16, 16)

    def real(progress: float) -> Tensor:
        return at(progress).reals(images)["real"]

    assert torch.equal(real(1.0), images)
    torch.testing.assert_close(real(HALFWAY_TO_8), (real(0.0) + real(AT_8)) / 2, rtol=0, atol=1e-6)
    torch.testing.assert_close(averaged(real(0.0), 4), averaged(images, 4), rtol=0, atol=1e-6)
    # The critic sees no more of them than that.
    critic = at(AT_8, CRITIC)
    torch.testing.assert_close(critic(images), critic(real(AT_8)), rtol=0, atol=1e-5)


def test_levels_to_come_have_no_gradient_and_all_have_one_while_the_last_fades_in() -> None:
    def unreached(progress: float) -> set[str]:
        pair = nn.ModuleList([at(progress), at(progress, CRITIC)])
        pair[1](pair[0](torch.randn(4, 6))).square().sum().backward()
        return {name for name, weight in pair.named_parameters() if weight.grad is None or not weight.grad.any()}

    early = unreached(0.0)
    assert early and all(".blocks." in name or ".pictures." in name or ".enter." in name for name in early)
    # Of a level that has been replaced, the picture's and the critic's first layers rest.
    assert unreached(HALFWAY_TO_16) == {
        f"{layer}.{part}" for layer in ("0.pictures.0", "1.enter.0.0") for part in ("weight", "bias")
    }


@pytest.mark.parametrize("progress", [0.0, HALFWAY_TO_8, 1.0])
def test_a_gradient_penalty_reaches_the_critics_weights(progress: float) -> None:
    critic = at(progress, CRITIC)
    image = torch.randn(4, 3, 16, 16, requires_grad=True)
    (slope,) = torch.autograd.grad(critic(image).sum(), image, create_graph=True)
    slope.square().sum().backward()
    reached = [name for name, weight in critic.named_parameters() if weight.grad is not None and weight.grad.any()]
    assert "score.weight" in reached and "shape.0.weight" in reached


def test_how_far_it_has_grown_is_in_its_weights() -> None:
    saved = at(HALFWAY_TO_8).state_dict()
    network = build(SPEC)
    network.load_state_dict(saved)
    latent = torch.randn(2, 6)
    assert torch.equal(network(latent), at(HALFWAY_TO_8)(latent))


def layer(before: int, after: int, kernel: int) -> int:
    return before * after * kernel**2 + after


def test_parameters_by_hand() -> None:
    blocks = 2 * layer(8, 8, 3) + layer(8, 4, 3) + layer(4, 4, 3)
    pictures = 2 * layer(8, 3, 1) + layer(4, 3, 1)
    assert count_parameters(SPEC) == 7 * 8 * 16 + layer(8, 8, 3) + blocks + pictures
    halving = layer(4, 4, 3) + layer(4, 8, 3) + 2 * layer(8, 8, 3)
    enters = layer(3, 4, 1) + 2 * layer(3, 8, 1)
    assert count_parameters(CRITIC) == enters + halving + layer(9, 8, 3) + layer(8 * 16, 8, 1) + layer(8, 1, 1)
