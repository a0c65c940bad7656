"""SRGAN's discriminator: the paper's at the paper's size, and a score at any other."""

from __future__ import annotations

import pytest
import torch

from img2img.config.networks.critics import SRGANCriticSpec
from img2img.config.networks.spec import CriticNorm
from img2img.networks import build
from img2img.networks.critics.srgan_critic import SRGANCritic


def test_at_the_papers_size_nothing_is_pooled() -> None:
    critic = build(SRGANCriticSpec(width=1))
    assert isinstance(critic, SRGANCritic)
    last = critic.features(torch.randn(2, 3, 96, 96))[7]
    assert last.shape == (2, 8, 6, 6)
    assert torch.equal(critic.pool(last), last)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (40, 75), (128, 128)])
def test_any_size_from_sixteen_px_on_gives_one_score(height: int, width: int) -> None:
    spec = SRGANCriticSpec(width=1, norm="spectral", given_channels=1)
    assert min(height, width) >= spec.needs.minimum
    assert build(spec)(torch.randn(2, 3, height, width), torch.randn(2, 1, height, width)).shape == (2, 1)


@pytest.mark.parametrize("norm", ["none", "instance", "batch-stat"])
def test_a_gradient_penalty_reaches_the_weights(norm: CriticNorm) -> None:
    torch.manual_seed(0)
    critic = build(SRGANCriticSpec(input_channels=1, width=1, norm=norm, pooled=1)).double()
    image = torch.randn(2, 1, 32, 32, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(critic(image).sum(), image, create_graph=True)
    weights = [parameter for name, parameter in critic.named_parameters() if "bias" not in name]
    gradients = torch.autograd.grad(slope.square().sum(), weights)
    assert all(gradient.isfinite().all() and gradient.any() for gradient in gradients)
