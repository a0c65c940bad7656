"""The U-Net discriminator: a score for every pixel, from near and from far."""

from __future__ import annotations

import pytest
import torch

from img2img.config.networks.critics import UNetCriticSpec
from img2img.networks import build


def test_every_pixel_has_its_score() -> None:
    spec = UNetCriticSpec(width=1, given_channels=2)
    critic = build(spec)
    step = spec.needs.multiple_of
    for height, width in ((spec.needs.minimum, spec.needs.minimum), (2 * step, 5 * step)):
        assert critic(torch.randn(2, 3, height, width), torch.randn(2, 2, height, width)).shape == (2, 1, height, width)
    with pytest.raises(RuntimeError):
        critic(torch.randn(1, 3, step + 4, step), torch.randn(1, 2, step + 4, step))


def test_the_way_down_and_the_skips_both_reach_a_score() -> None:
    """Cut off from its coarser levels a score sees 11 px; through them it sees many more."""
    torch.manual_seed(0)
    critic = build(UNetCriticSpec(input_channels=1, width=1, norm="none")).double()
    image = torch.randn(1, 1, 96, 96, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(critic(image)[0, 0, 48, 48], image)
    rows = slope[0, 0].abs().sum(1).nonzero().flatten()
    assert rows.min() > 0 and rows.max() < 95 and rows.max() - rows.min() > 40
    assert slope[0, 0, 48, 48] != 0


@pytest.mark.parametrize("norm", ["none", "spectral"])
def test_a_gradient_penalty_reaches_the_weights(norm: str) -> None:
    torch.manual_seed(0)
    critic = build(UNetCriticSpec(input_channels=1, width=2, norm=norm)).double()
    image = torch.randn(1, 1, 16, 16, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(critic(image).sum(), image, create_graph=True)
    weights = [parameter for parameter in critic.parameters() if parameter.dim() == 4]
    gradients = torch.autograd.grad(slope.square().sum(), weights)
    assert len(gradients) == 10 and all(gradient.isfinite().all() and gradient.any() for gradient in gradients)
