"""SN-PatchGAN: as many scores as it has numbers, how far one sees, spectral norm on every layer."""

from __future__ import annotations

import inspect

import pytest
import torch
from torch.nn.utils.parametrize import is_parametrized

from img2img.config.networks.critics import SNPatchSpec
from img2img.networks import build
from img2img.networks.critics.sn_patch import SNPatchGAN


def test_the_papers_widths_and_scores() -> None:
    critic = build(SNPatchSpec())
    assert isinstance(critic, SNPatchGAN)
    assert [layer.out_channels for layer in critic.layers] == [64, 128, 256, 256, 256, 256]
    assert critic(torch.zeros(1, 3, 256, 256), torch.zeros(1, 1, 256, 256)).shape == (1, 256, 4, 4)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (5, 64), (33, 32)])
def test_any_size_has_scores(height: int, width: int) -> None:
    spec = SNPatchSpec(width=1, layers=3)
    assert spec.needs.minimum == spec.needs.multiple_of == 1
    features = build(spec).features(torch.randn(2, 3, height, width), torch.randn(2, 1, height, width))
    assert [feature.shape[1] for feature in features] == [1, 2, 4]
    assert features[-1].shape[2:] == (-(-height // 8), -(-width // 8))


@pytest.mark.parametrize(("layers", "field"), [(1, 5), (2, 13), (3, 29), (4, 61)])
def test_a_score_sees_as_far_as_the_spec_says(layers: int, field: int) -> None:
    torch.manual_seed(0)
    side = 4 * field
    image = torch.randn(1, 1, side, side, dtype=torch.float64, requires_grad=True)
    critic = build(SNPatchSpec(input_channels=1, given_channels=0, width=1, layers=layers, norm="none")).double()
    scores = critic(image)
    middle = scores.shape[2] // 2
    (slope,) = torch.autograd.grad(scores[0, :, middle, middle].sum(), image)
    seen = slope[0, 0].abs().sum(1).nonzero().flatten()
    assert seen.min() > 0 and seen.max() < side - 1
    assert int(seen.max() - seen.min()) + 1 == field
    assert f"{field}" in inspect.getsource(SNPatchSpec), "its docstring"


def test_every_layer_is_constrained() -> None:
    critic = build(SNPatchSpec(width=1))
    assert isinstance(critic, SNPatchGAN)
    assert all(is_parametrized(layer, "weight") for layer in critic.layers)


@pytest.mark.parametrize("norm", ["none", "spectral"])
def test_a_gradient_penalty_reaches_the_weights(norm: str) -> None:
    torch.manual_seed(0)
    critic = build(SNPatchSpec(input_channels=1, width=2, layers=3, norm=norm)).double()  # type: ignore[arg-type]
    image = torch.randn(2, 1, 8, 8, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(critic(image, torch.zeros_like(image)).sum(), image, create_graph=True)
    weights = [parameter for parameter in critic.parameters() if parameter.dim() == 4]
    gradients = torch.autograd.grad(slope.square().sum(), weights)
    assert len(gradients) == 3 and all(gradient.isfinite().all() and gradient.any() for gradient in gradients)
