"""SNDCGAN, SNGAN and SAGAN: counts by hand, bounded weights, gradients, classes, where the attention is."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from img2img.config.networks import AnySpec
from img2img.config.networks.samplers import SAGANSpec, SNDCGANSpec, SNGANSpec
from img2img.config.networks.whole_critics import SAGANCriticSpec, SNDCGANCriticSpec, SNGANCriticSpec
from img2img.networks import build, count_parameters
from img2img.networks.samplers.sagan import Attentive
from img2img.networks.samplers.sngan import ClassNorm
from img2img.networks.samplers.whole_critic import WholeCritic

GENERATORS = [
    SNDCGANSpec(latent=6, size=16, width=2, classes=3),
    SNGANSpec(latent=6, size=16, width=4, growth=1, classes=3),
    SAGANSpec(latent=6, size=16, width=8, growth=1, classes=3),
]
CRITICS = [
    SNDCGANCriticSpec(size=16, width=2, classes=3, told="projection", readout=2),
    SNGANCriticSpec(size=16, width=4, growth=1, classes=3, readout=2),
    SAGANCriticSpec(size=16, width=8, growth=1, classes=3, readout=2),
]
LABELS = torch.tensor([0, 1, 2, 0])


def named(spec: Any) -> str:
    return spec.network if hasattr(spec, "network") else ""


def given(spec: Any, count: int = 4) -> tuple[Tensor, Tensor]:
    """An input of the network, and labels."""
    shape = (spec.latent,) if hasattr(spec, "latent") else (3, spec.size, spec.size)
    return torch.randn(count, *shape), LABELS[:count]


def convolution(before: int, after: int, kernel: int) -> int:
    return before * after * kernel**2 + after


def residual(before: int, after: int, skip: bool = True) -> int:
    two = convolution(before, after, 3) + convolution(after, after, 3)
    return two + (convolution(before, after, 1) if skip else 0)


def normed(before: int, after: int) -> int:
    return 2 * before + 2 * after + residual(before, after)


def attention(channels: int) -> int:
    return 4 * channels * (channels // 8) + 1


TAPER = [(1024, 1024), (1024, 512), (512, 256), (256, 128), (128, 64)]
COUNTS = [
    # Three transposed 4x4 convolutions from 4 x 4 x 512, with batch norm and without bias but for the last layer.
    (
        SNDCGANSpec(),
        128 * 8192 + 2 * 512 + sum(a * b * 16 + 2 * b for a, b in [(512, 256), (256, 128), (128, 64)]) + 1731,
    ),
    # Every 3x3 keeps its width, every 4x4 doubles it, and the last map of 4 px meets one dense layer.
    (
        SNDCGANCriticSpec(),
        sum(convolution(a, b, k) for a, b, k in [(3, 64, 3), (64, 128, 4), (128, 128, 3), (128, 256, 4)])
        + sum(convolution(a, b, k) for a, b, k in [(256, 256, 3), (256, 512, 4), (512, 512, 3)])
        + (512 * 4 * 4 + 1),
    ),
    # Table 4, for 32 px.
    (SNGANSpec(), 129 * 4096 + 3 * normed(256, 256) + 2 * 256 + convolution(256, 3, 3)),
    (SNGANSpec(classes=10), count_parameters(SNGANSpec()) + 9 * 3 * 4 * 256),
    (SNGANCriticSpec(), residual(3, 128) + residual(128, 128) + 2 * residual(128, 128, skip=False) + 129),
    (SNGANCriticSpec(classes=10), count_parameters(SNGANCriticSpec()) + 10 * 128),
    # Table 6, for 128 px.
    (
        SNGANSpec(size=128),
        129 * 4**2 * 1024 + sum(normed(a, b) for a, b in TAPER) + 2 * 64 + convolution(64, 3, 3),
    ),
    (
        SNGANCriticSpec(size=128),
        residual(3, 64) + sum(residual(b, a) for a, b in TAPER[1:]) + residual(1024, 1024, skip=False) + 1025,
    ),
    (SAGANSpec(size=128), count_parameters(SNGANSpec(size=128)) + attention(256)),  # on the map of 32 px
    (SAGANCriticSpec(size=128), count_parameters(SNGANCriticSpec(size=128)) + attention(128)),
]


@pytest.mark.parametrize(("spec", "parameters"), COUNTS, ids=named)
def test_as_many_parameters_as_the_papers_tables_give(spec: AnySpec, parameters: int) -> None:
    assert count_parameters(spec) == parameters


@pytest.mark.parametrize("size", [8, 16, 32, 64, 128, 256])
@pytest.mark.parametrize("kind", [SNGANSpec, SAGANSpec, SNGANCriticSpec, SAGANCriticSpec])
def test_sizes(kind: Any, size: int) -> None:
    spec = kind(size=size, width=8, growth=0, **({"latent": 4} if "latent" in kind.model_fields else {}))
    inputs, _ = given(spec, count=2)
    wanted = (2, 3, size, size) if hasattr(spec, "latent") else (2, 1)
    with torch.no_grad():
        assert build(spec)(inputs).shape == wanted


@pytest.mark.parametrize("spec", [*GENERATORS[2:], *CRITICS], ids=named)
def test_spectral_norm_brings_every_weights_largest_singular_value_to_1(spec: Any) -> None:
    torch.manual_seed(0)
    network = build(spec)
    inputs, labels = given(spec)
    for _ in range(60):
        if isinstance(network, WholeCritic):
            network.read(network.features(inputs, labels))
        else:
            network(inputs, labels)
    network.eval()
    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear | nn.Embedding)]
    for layer in layers:
        assert abs(torch.linalg.matrix_norm(layer.weight.detach().flatten(1), ord=2).item() - 1) < 0.02
    assert len(layers) >= 9
    assert not any("original" in key for key in build(spec.model_copy(update={"norm": "none"})).state_dict())


@pytest.mark.parametrize("spec", [*GENERATORS, *CRITICS], ids=named)
def test_a_gradient_reaches_every_parameter(spec: Any) -> None:
    torch.manual_seed(0)
    network = build(spec)
    for name, parameter in network.named_parameters():
        if name.endswith("gamma"):
            parameter.data.fill_(1.0)  # at 0, as it begins, it lets nothing through to the attention
    inputs, labels = given(spec)
    result = network(inputs, labels).square().sum()
    if isinstance(network, WholeCritic):
        result = result + network.read(network.features(inputs, labels)).square().sum()
    result.backward()
    unreached = [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert unreached == []


@pytest.mark.parametrize("norm", ["none", "layer", "spectral"])
@pytest.mark.parametrize("spec", CRITICS, ids=named)
def test_a_gradient_penalty_reaches_the_weights(spec: Any, norm: str) -> None:
    torch.manual_seed(0)
    critic = build(spec.model_copy(update={"norm": norm, "readout": 0}))
    for name, parameter in critic.named_parameters():
        if name.endswith("gamma"):
            parameter.data.fill_(1.0)
    images, labels = given(spec)
    images.requires_grad_()
    (slope,) = torch.autograd.grad(critic(images, labels).sum(), images, create_graph=True)
    slope.square().sum().backward()
    unreached = [name for name, weight in critic.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert all(name.endswith("bias") for name in unreached), unreached


@pytest.mark.parametrize("spec", [*GENERATORS, *CRITICS], ids=named)
def test_first_weights_follow_the_seed(spec: Any) -> None:
    def drawn(seed: int) -> dict[str, Tensor]:
        torch.manual_seed(seed)
        return build(spec).state_dict()

    one, same, other = drawn(0), drawn(0), drawn(1)
    assert all(one[key].equal(same[key]) for key in one)
    assert not all(one[key].equal(other[key]) for key in one)


def test_class_norm_is_batch_norm_with_the_class_own_slope_and_offset() -> None:
    torch.manual_seed(0)
    norm, plain = ClassNorm(2, classes=3), nn.BatchNorm2d(2, affine=False)
    norm.slopes.data.normal_()
    norm.offsets.data.normal_()
    images = torch.randn(4, 2, 3, 3)
    for index, (image, label) in enumerate(zip(plain(images), LABELS, strict=True)):
        expected = image * norm.slopes[label][:, None, None] + norm.offsets[label][:, None, None]
        torch.testing.assert_close(norm(images, LABELS)[index], expected, rtol=0, atol=1e-5)
    with pytest.raises(ValueError, match="3 classes"):
        norm(images)


def test_without_classes_class_norm_is_batch_norm() -> None:
    images = torch.randn(4, 2, 3, 3)
    torch.testing.assert_close(ClassNorm(2, classes=0)(images), nn.BatchNorm2d(2)(images), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("side", "size"), [(8, 16), (16, 16), (32, 64), (8, 64)])
def test_the_generators_attention_looks_at_maps_of_the_side_asked_for(side: int, size: int) -> None:
    assert sides_seen(SAGANSpec(latent=4, size=size, width=8, growth=0, attention=side)) == [side]


@pytest.mark.parametrize(("side", "size"), [(8, 16), (4, 16), (32, 64), (4, 64)])
def test_the_critics_attention_looks_at_maps_of_the_side_asked_for(side: int, size: int) -> None:
    assert sides_seen(SAGANCriticSpec(size=size, width=8, growth=0, attention=side)) == [side]


def sides_seen(spec: Any) -> list[int]:
    network = build(spec)
    seen: list[int] = []
    for module in network.modules():
        if isinstance(module, Attentive):
            module.attention.register_forward_hook(lambda module, inputs, output: seen.append(output.shape[-1]))
    network(given(spec, count=2)[0])
    return seen


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="8, 16, 32 px"):
        SAGANSpec(size=32, attention=64)
    with pytest.raises(ValueError, match="sides of 16, 8 px"):
        SAGANCriticSpec(size=32, attention=32)
    with pytest.raises(ValueError, match="one pixel after 4 halvings"):
        SNGANCriticSpec(size=16, halvings=5)
