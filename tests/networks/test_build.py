"""Building, counting, and the switch to apply time."""

from __future__ import annotations

from typing import get_args

import pytest
import torch

from img2img.config.card import NetworkCard
from img2img.config.networks import AnySpec, Spec
from img2img.config.networks.critics import AutoencoderSpec, PatchSpec, SRGANCriticSpec, UNetCriticSpec
from img2img.config.networks.translators import ResnetSpec, UNetSpec
from img2img.config.networks.upscalers import RRDBSpec, SRResNetSpec
from img2img.config.networks.vectors import AutoencoderMLPSpec, MLPSpec
from img2img.networks import NETWORKS, apply_mode, build, count_parameters


@pytest.mark.parametrize(
    ("spec", "parameters"),
    [
        (ResnetSpec(upsample="deconv"), 11_378_179),
        (ResnetSpec(upsample="deconv", norm="batch"), 11_383_427),
        (ResnetSpec(upsample="deconv", norm="batch-stat"), 11_383_427),
        (ResnetSpec(upsample="deconv", blocks=6), 7_837_699),
        (ResnetSpec(), 11_378_179),  # a resize-convolution is a 3x3 too
        (UNetSpec(upsample="deconv", norm="batch"), 54_413_955),
        (UNetSpec(upsample="deconv", norm="batch-stat"), 54_413_955),
        (UNetSpec(upsample="deconv", norm="batch", levels=7), 41_828_995),
        (PatchSpec(), 2_764_737),
        (PatchSpec(given_channels=3, norm="batch"), 2_768_705),
        (SRResNetSpec(), 1_549_462),
        (RRDBSpec(), 16_697_987),
        (RRDBSpec(scale=2), 16_703_171),
        (SRGANCriticSpec(), 23_563_649),
        (UNetCriticSpec(), 4_376_897),
    ],
)
def test_networks_have_as_many_parameters_as_the_papers(spec: AnySpec, parameters: int) -> None:
    assert count_parameters(spec) == parameters


def test_counting_agrees_with_the_network_and_leaves_randomness_alone() -> None:
    spec = PatchSpec(width=4, norm="spectral", minibatch="discrimination")
    before = torch.get_rng_state()
    count = count_parameters(spec)
    assert torch.equal(before, torch.get_rng_state())
    assert count == sum(parameter.numel() for parameter in build(spec).parameters())


def test_every_spec_has_its_network() -> None:
    assert set(get_args(get_args(AnySpec)[0])) == set(NETWORKS)


@pytest.mark.parametrize("spec", NETWORKS, ids=lambda spec: spec.__name__)
def test_every_spec_comes_back_from_a_card(spec: type[AnySpec]) -> None:
    card = NetworkCard(spec=spec(), size=128)
    assert NetworkCard.model_validate_json(card.model_dump_json()) == card


@pytest.mark.parametrize(
    ("spec", "side"),
    [
        (PatchSpec(width=2, layers=1), 8),
        (PatchSpec(width=2, layers=0, norm="batch"), 8),
        (AutoencoderSpec(width=2, layers=2), 8),
        (SRGANCriticSpec(width=2), 16),
        (UNetCriticSpec(width=2), 8),
        (MLPSpec(inputs=3), None),
        (AutoencoderMLPSpec(inputs=3), None),
    ],
)
def test_a_critic_scores_what_its_features_end_with(spec: Spec, side: int | None) -> None:
    critic = build(spec).eval()
    image = torch.randn(2, 3, side, side) if side else torch.randn(2, 3)
    scores = critic(image)
    assert len(scores) == 2 and scores.shape[1] == 1
    assert torch.equal(scores, critic.features(image)[-1])


@pytest.mark.parametrize("spec", [UNetSpec(levels=4, width=2), ResnetSpec(blocks=2, width=2, dropout=0.5)])
def test_noise_at_apply_time_is_dropout_alone(spec: AnySpec) -> None:
    torch.manual_seed(0)
    network = build(spec)
    image = torch.rand(1, 3, 16, 16) * 2 - 1
    quiet = apply_mode(network)
    assert torch.equal(quiet(image), quiet(image))
    noisy = apply_mode(network, noise=True)
    assert not torch.equal(noisy(image), noisy(image))
    assert {type(module).__name__ for module in noisy.modules() if module.training} == {"Dropout"}
    quiet = apply_mode(network)
    assert torch.equal(quiet(image), quiet(image))
