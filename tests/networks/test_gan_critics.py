"""The critics of the unconditional family: counts by hand, shapes, labels, bounded slopes, gradients of gradients."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from img2img.config.networks import AnySpec, SAGANCriticSpec, SNDCGANCriticSpec, SNGANCriticSpec
from img2img.networks import build, count_parameters

TINY = {
    "sndcgan": (SNDCGANCriticSpec(size=16, width=2, given_channels=3), 16),
    "sngan": (SNGANCriticSpec(width=4, widest=8, given_channels=3), 16),
    "sagan": (SAGANCriticSpec(width=8, widest=16, layers=2, given_channels=3), 16),
}
"""A few hundred parameters each, three classes; side of the pictures, px."""


def convolution(before: int, after: int, kernel: int) -> int:
    return before * after * kernel**2 + after


def block(before: int, after: int, skip: bool) -> int:
    two = convolution(before, after, 3) + convolution(after, after, 3)
    return two + (convolution(before, after, 1) if skip else 0)


def attention(channels: int) -> int:
    return 4 * channels * (channels // 8) + 1


COUNTS = [
    # Every 3x3 keeps its width, every 4x4 doubles it, and the last map of 4 px meets one dense layer.
    (
        SNDCGANCriticSpec(),
        sum(convolution(a, b, k) for a, b, k in [(3, 64, 3), (64, 128, 4), (128, 128, 3), (128, 256, 4)])
        + sum(convolution(a, b, k) for a, b, k in [(256, 256, 3), (256, 512, 4), (512, 512, 3)])
        + 512 * 4 * 4
        + 1,
    ),
    # Table 4: two blocks that halve, two that do not and need no convolution in their skip.
    (SNGANCriticSpec(), block(3, 128, True) + block(128, 128, True) + 2 * block(128, 128, False) + 129),
    (SNGANCriticSpec(given_channels=10), count_parameters(SNGANCriticSpec()) + 10 * 128),
    # Table 6, for 128 px.
    (
        SNGANCriticSpec(width=64, widest=1024, layers=5, flat=1),
        sum(block(a, b, True) for a, b in [(3, 64), (64, 128), (128, 256), (256, 512), (512, 1024)])
        + block(1024, 1024, False)
        + 1025,
    ),
    (
        SAGANCriticSpec(),
        # The fifth block does not halve, but it widens.
        sum(block(a, b, True) for a, b in [(3, 64), (64, 128), (128, 256), (256, 512), (512, 1024)])
        + attention(64)
        + 1025,
    ),
]


@pytest.mark.parametrize(("spec", "parameters"), COUNTS, ids=lambda value: getattr(value, "network", ""))
def test_as_many_parameters_as_the_papers_tables_give(spec: AnySpec, parameters: int) -> None:
    assert count_parameters(spec) == parameters


def labels(*classes: int) -> Tensor:
    return nn.functional.one_hot(torch.tensor(classes), 3).float()


@pytest.mark.parametrize("name", TINY)
def test_one_score_for_each_picture_by_itself(name: str) -> None:
    spec, side = TINY[name]
    critic = build(spec).eval()
    images, given = torch.randn(3, 3, side, side), labels(0, 2, 1)
    scores = critic(images, given)
    assert scores.shape == (3, 1)
    alone = torch.cat([critic(image[None], label[None]) for image, label in zip(images, given, strict=True)])
    torch.testing.assert_close(scores, alone, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", TINY)
def test_the_label_adds_its_projection_to_the_score(name: str) -> None:
    spec, side = TINY[name]
    critic = build(spec).eval()
    *_, features, by_two = critic.features(image := torch.randn(2, 3, side, side), labels(2, 2))
    by_none = critic(image, torch.zeros(2, 3))
    directions = critic.score.directions.weight  # (features, classes)
    torch.testing.assert_close(by_two - by_none, features.flatten(1) @ directions[:, 2:], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", TINY)
def test_a_label_is_needed_where_there_are_classes_and_only_there(name: str) -> None:
    spec, side = TINY[name]
    images = torch.randn(2, 3, side, side)
    with pytest.raises(ValueError, match="needs labels"):
        build(spec)(images)
    with pytest.raises(ValueError, match="knows no labels"):
        build(spec.model_copy(update={"given_channels": 0}))(images, labels(0, 1))


@pytest.mark.parametrize("name", TINY)
def test_spectral_norm_bounds_every_layer(name: str) -> None:
    torch.manual_seed(0)
    spec, side = TINY[name]
    critic = build(spec)
    images, given = torch.randn(2, 3, side, side), labels(0, 1)
    for _ in range(100):
        critic(images, given)
    critic.eval()
    layers = [module for module in critic.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    for layer in layers:
        assert abs(torch.linalg.matrix_norm(layer.weight.detach().flatten(1), ord=2).item() - 1) < 0.02
    assert len(layers) >= 8
    assert not any("original" in key for key in build(spec.model_copy(update={"norm": "none"})).state_dict())


@pytest.mark.parametrize("norm", ["none", "spectral"])
@pytest.mark.parametrize("name", TINY)
def test_a_gradient_penalty_reaches_the_weights(name: str, norm: str) -> None:
    torch.manual_seed(0)
    spec, side = TINY[name]
    critic = build(spec.model_copy(update={"norm": norm}))
    with torch.no_grad():
        for weight in critic.parameters():
            weight.add_(0.1)  # attention begins at 0
    image = torch.randn(2, 3, side, side, requires_grad=True)
    (slope,) = torch.autograd.grad(critic(image, labels(0, 1)).sum(), image, create_graph=True)
    slope.square().sum().backward()
    unreached = [name for name, weight in critic.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert all(name.endswith("bias") for name in unreached), unreached


@pytest.mark.parametrize("name", TINY)
def test_every_parameter_has_a_gradient(name: str) -> None:
    torch.manual_seed(0)
    spec, side = TINY[name]
    critic = build(spec)
    for parameter in critic.parameters():
        parameter.data.add_(0.1)
    critic(torch.randn(4, 3, side, side), labels(0, 1, 2, 0)).square().sum().backward()
    assert [name for name, weight in critic.named_parameters() if weight.grad is None or not weight.grad.any()] == []


@pytest.mark.parametrize("name", TINY)
def test_first_weights_follow_the_seed(name: str) -> None:
    def drawn(seed: int) -> dict[str, Tensor]:
        torch.manual_seed(seed)
        return build(TINY[name][0]).state_dict()

    one, same, other = drawn(0), drawn(0), drawn(1)
    assert all(one[key].equal(same[key]) for key in one)
    assert not all(one[key].equal(other[key]) for key in one)


def test_attention_must_be_on_a_map_that_there_is() -> None:
    with pytest.raises(ValueError, match="halves 2 times only"):
        SAGANCriticSpec(layers=2, attention=3)
