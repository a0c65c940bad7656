"""The Context Encoder's critic: the published layers, one score at the published sizes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from img2img.config.networks.critics import ContextCriticSpec
from img2img.config.networks.spec import CriticNorm
from img2img.networks import build
from img2img.networks.layers.norms import PictureNorm


@pytest.mark.parametrize(("layers", "widths"), [(4, [64, 128, 256, 512]), (5, [64, 64, 128, 256, 512])])
def test_the_papers_layers_leave_one_score(layers: int, widths: list[int]) -> None:
    spec = ContextCriticSpec(layers=layers, given_channels=0)
    side = spec.needs.minimum
    assert side == 2 ** (layers + 2)
    features = build(spec).features(torch.zeros(2, 3, side, side))
    assert [feature.shape[1] for feature in features] == [*widths, 1]
    assert features[-1].shape == (2, 1, 1, 1)


def test_smaller_pictures_are_refused_and_larger_ones_have_several_scores() -> None:
    critic = build(ContextCriticSpec(width=1, layers=2))
    image, mask = torch.randn(1, 3, 40, 23), torch.zeros(1, 1, 40, 23)
    assert critic(image, mask).shape == (1, 1, 7, 2)
    with pytest.raises(RuntimeError):
        critic(image[..., :15], mask[..., :15])


@pytest.mark.parametrize("norm", ["none", "instance", "batch", "batch-stat", "spectral"])
def test_the_first_layer_and_the_score_are_never_normalised(norm: CriticNorm) -> None:
    critic = build(ContextCriticSpec(width=1, layers=3, norm=norm))
    norms = [name for name, module in critic.named_modules() if isinstance(module, PictureNorm | nn.BatchNorm2d)]
    assert norms == ([] if norm in ("none", "spectral") else ["stages.1.1", "stages.2.1"])


@pytest.mark.parametrize("norm", ["none", "instance", "batch-stat", "spectral"])
def test_a_gradient_penalty_reaches_the_weights(norm: CriticNorm) -> None:
    torch.manual_seed(0)
    critic = build(ContextCriticSpec(input_channels=1, width=1, layers=3, norm=norm)).double()
    image = torch.randn(2, 1, 32, 32, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(critic(image, torch.zeros_like(image)).sum(), image, create_graph=True)
    weights = [parameter for name, parameter in critic.named_parameters() if "bias" not in name]
    gradients = torch.autograd.grad(slope.square().sum(), weights)
    assert all(gradient.isfinite().all() and gradient.any() for gradient in gradients)
