"""Generators from noise and the critics of whole pictures: sizes, parameter counts, what a label does."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from img2img.config.networks import AnySpec
from img2img.config.networks.samplers import (
    DCGANSpec,
    InfoGANSpec,
    MLPGeneratorSpec,
    NoiseGeneratorSpec,
    SAGANSpec,
    SNDCGANSpec,
    SNGANSpec,
)
from img2img.config.networks.whole_critics import (
    DCGANCriticSpec,
    InfoGANCriticSpec,
    MaxoutSpec,
    SAGANCriticSpec,
    SNDCGANCriticSpec,
    SNGANCriticSpec,
    WholeCriticSpec,
)
from img2img.networks import build, count_parameters
from img2img.networks.samplers.whole_critic import WholeCritic

GENERATORS: list[NoiseGeneratorSpec] = [
    MLPGeneratorSpec(width=8, size=28, channels=1),
    InfoGANSpec(width=2, size=28, channels=1),
    InfoGANSpec(width=2, size=32),
    *(DCGANSpec(width=2, latent=5, size=size) for size in (28, 32, 64, 128)),  # type: ignore[arg-type]
    SNDCGANSpec(width=2, latent=5, size=16),
    SNGANSpec(width=4, latent=5, size=16),
    SAGANSpec(width=8, latent=5, size=16),
]
CRITICS: list[WholeCriticSpec] = [
    MaxoutSpec(width=4, size=28, input_channels=1),
    InfoGANCriticSpec(width=2, size=28, input_channels=1),
    InfoGANCriticSpec(width=2, size=32),
    *(DCGANCriticSpec(width=2, size=size) for size in (28, 32, 64, 128)),  # type: ignore[arg-type]
    SNDCGANCriticSpec(width=2, size=16),
    SNGANCriticSpec(width=4, size=16),
    SAGANCriticSpec(width=8, size=16),
]
SMALL: list[type[WholeCriticSpec]] = [MaxoutSpec, InfoGANCriticSpec, DCGANCriticSpec]


def named(spec: Any) -> str:
    return f"{spec.network}-{spec.size}"


def small(spec: type[WholeCriticSpec], **more: Any) -> WholeCritic:
    """A critic of 32 px without dropout."""
    more |= {"dropout": 0.0} if spec is MaxoutSpec else {}
    critic = build(spec(size=32, width=2, **more))  # type: ignore[arg-type]
    assert isinstance(critic, WholeCritic)
    return critic


@pytest.mark.parametrize(
    ("spec", "parameters"),
    [
        # By hand: 64 z -> 1024 (BN) -> 128 x 7 x 7 (BN) -> 64 (BN) -> 1, and back.
        (InfoGANSpec(channels=1), 64 * 1024 + 2048 + 1026 * 6272 + 16 * 128 * 64 + 128 + 16 * 64 + 1),
        (
            InfoGANCriticSpec(input_channels=1, norm="none"),
            17 * 64 + (16 * 64 + 1) * 128 + (6272 + 1) * 1024 + 1025,
        ),
        (
            InfoGANCriticSpec(input_channels=1),
            17 * 64 + (16 * 64 + 2) * 128 + (6272 + 2) * 1024 + 1025,
        ),
        # The sizes that the widely used port of DCGAN prints for 64 px.
        (DCGANSpec(), 3_576_704),
        (DCGANCriticSpec(), 2_765_568 + 1),  # its score has no bias
        (MLPGeneratorSpec(latent=100, channels=1, size=28), 101 * 1200 + 1201 * 1200 + 1201 * 784),
        (MaxoutSpec(input_channels=1, size=28), 785 * 1200 + 241 * 1200 + 241),
    ],
    ids=lambda value: value.network if isinstance(value, NoiseGeneratorSpec | WholeCriticSpec) else "",
)
def test_parameters(spec: AnySpec, parameters: int) -> None:
    assert count_parameters(spec) == parameters


@pytest.mark.parametrize("spec", GENERATORS, ids=named)
def test_a_latent_becomes_a_picture_and_nothing_but_the_latent_counts(spec: Any) -> None:
    torch.manual_seed(0)
    network = build(spec).eval()
    latent = torch.randn(3, spec.latent)
    pictures = network(latent)
    assert pictures.shape == (3, spec.channels, spec.size, spec.size) and pictures.abs().max() <= 1
    assert not torch.equal(pictures[0], pictures[1])
    torch.testing.assert_close(network(latent[:1]), pictures[:1], rtol=0, atol=1e-5)


@pytest.mark.parametrize("spec", GENERATORS, ids=named)
def test_a_generator_with_classes_draws_each_differently_and_wants_to_be_told(spec: Any) -> None:
    torch.manual_seed(0)
    network = build(spec.model_copy(update={"classes": 2})).eval()
    for weights in network.parameters():  # classes may begin alike
        weights.data += 0.1 * torch.randn_like(weights)
    latent = torch.randn(2, spec.latent)
    zero, one = network(latent, torch.zeros(2, dtype=torch.int64)), network(latent, torch.ones(2, dtype=torch.int64))
    assert (zero - one).abs().max() > 1e-4
    with pytest.raises(ValueError, match="2 classes"):
        network(latent)


@pytest.mark.parametrize("spec", CRITICS, ids=named)
@pytest.mark.parametrize("norm", ["none", "layer", "spectral"])
def test_without_batch_norm_a_picture_is_judged_alone(spec: Any, norm: str) -> None:
    torch.manual_seed(0)
    critic = build(
        spec.model_copy(update={"norm": norm, **({"dropout": 0.0} if "dropout" in spec.model_fields else {})})
    )
    pictures = torch.rand(3, spec.input_channels, spec.size, spec.size) * 2 - 1
    critic(pictures)
    critic.eval()  # spectral norm improves with each pass in training mode
    scores = critic(pictures)
    assert scores.shape == (3, 1)
    torch.testing.assert_close(critic(pictures[1:2]), scores[1:2], rtol=0, atol=1e-5)


@pytest.mark.parametrize("spec", SMALL)
def test_the_first_layer_sees_pictures_as_they_are(spec: type[WholeCriticSpec]) -> None:
    norms = [name for name, module in small(spec, norm="batch").named_modules() if isinstance(module, nn.BatchNorm2d)]
    assert not [name for name in norms if name.startswith("stages.0.")]


@pytest.mark.parametrize("spec", SMALL)
@pytest.mark.parametrize("told", ["input", "projection"])
def test_a_label_changes_the_score(spec: type[WholeCriticSpec], told: str) -> None:
    torch.manual_seed(0)
    critic = small(spec, classes=3, told=told, norm="none")
    picture = torch.randn(1, 3, 32, 32).repeat(3, 1, 1, 1)
    scores = critic(picture, torch.tensor([0, 1, 1]))
    assert (scores[0] - scores[1]).abs() > 1e-5 > (scores[1] - scores[2]).abs()
    with pytest.raises(ValueError, match="3 classes"):
        critic(picture)


def test_projection_is_the_features_product_with_the_class_vector() -> None:
    critic = small(InfoGANCriticSpec, classes=2, told="projection", norm="none")
    assert isinstance(critic.directions, nn.Embedding)
    pictures, label = torch.randn(4, 3, 32, 32), torch.tensor([0, 1, 1, 0])
    *_, last, scores = critic.features(pictures, label)
    expected = critic.score(last)[:, 0] + (last @ critic.directions.weight.T)[torch.arange(4), label]
    torch.testing.assert_close(scores[:, 0], expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("spec", SMALL)
def test_a_readout_is_linear_in_the_features(spec: type[WholeCriticSpec]) -> None:
    critic = small(spec, readout=7, norm="none")
    features = critic.features(torch.randn(2, 3, 32, 32))
    assert isinstance(critic.reader, nn.Linear)
    expected = features[-2].flatten(1) @ critic.reader.weight.T + critic.reader.bias
    torch.testing.assert_close(critic.read(features), expected, rtol=0, atol=1e-5)


def test_maxout_is_the_largest_of_its_pieces() -> None:
    critic = small(MaxoutSpec, norm="none", pieces=3, hidden_layers=1)
    pictures = torch.randn(2, 3, 32, 32)
    linear = critic.stages[0][0](pictures.flatten(1))  # type: ignore[index, operator]
    units = critic.features(pictures)[0]
    torch.testing.assert_close(units[:, 1], linear[:, 3:6].amax(dim=1), rtol=0, atol=0)


CRITICS_OF_PAIRS = [
    MaxoutSpec(width=4, size=16),
    InfoGANCriticSpec(width=2, size=16, code=3, joint=8),
    DCGANCriticSpec(width=2, size=32, classes=3, told="projection"),
    SNGANCriticSpec(width=4, size=16, readout=2),
]


@pytest.mark.parametrize("minibatch", ["std", "discrimination"])
@pytest.mark.parametrize("spec", CRITICS_OF_PAIRS, ids=lambda spec: spec.network)
def test_a_critic_with_batch_statistics_sees_that_fakes_are_alike(spec: WholeCriticSpec, minibatch: str) -> None:
    torch.manual_seed(0)
    critic = build(spec.model_copy(update={"minibatch": minibatch, "norm": "none"})).eval()
    for weight in critic.parameters():
        torch.nn.init.normal_(weight, 0, 0.3)
    pictures = torch.rand(4, 3, spec.size, spec.size) * 2 - 1
    alike = pictures[:1].expand(4, -1, -1, -1)
    given = torch.zeros(4, 3) if spec.code else torch.zeros(4, dtype=torch.int64) if spec.classes else None
    with torch.no_grad():
        alone, among = critic(alike, given)[0], critic(pictures, given)[0]
        assert (alone - among).abs() > 1e-6
        plain = build(spec.model_copy(update={"norm": "none"})).eval()
        assert torch.allclose(plain(alike, given)[0], plain(pictures, given)[0], atol=1e-6)
        if spec.readout:
            assert critic.read(critic.features(pictures)).shape == (4, 2)
