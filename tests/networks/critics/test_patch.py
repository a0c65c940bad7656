"""PatchGAN: how much a score sees, what the features are, and what a gradient penalty asks of it."""

from __future__ import annotations

import pytest
import torch

from img2img.config.networks.critics import PatchSpec
from img2img.config.networks.spec import CriticNorm
from img2img.networks import build
from img2img.networks.critics.patch import PatchGAN


@pytest.mark.parametrize(("layers", "field"), [(0, 1), (1, 16), (2, 34), (3, 70), (4, 142), (5, 286)])
def test_a_score_sees_the_papers_patch(layers: int, field: int) -> None:
    torch.manual_seed(layers)
    spec = PatchSpec(input_channels=1, width=1, layers=layers, norm="none")
    assert spec.receptive_field == field
    side = field + 2 ** (layers + 2)
    image = torch.randn(1, 1, side, side, dtype=torch.float64, requires_grad=True)
    scores = build(spec).double()(image)
    middle = scores.shape[2] // 2
    scores[0, 0, middle, middle].backward()
    assert image.grad is not None
    for axis in (2, 3):
        seen = image.grad[0, 0].abs().sum(3 - axis).nonzero().flatten()
        assert seen.min() > 0 and seen.max() < side - 1, "the patch is cut off by the border"
        assert int(seen.max() - seen.min()) + 1 == field


@pytest.mark.parametrize("layers", range(6))
def test_the_smallest_picture_gives_one_score(layers: int) -> None:
    spec = PatchSpec(width=1, layers=layers, norm="batch-stat")
    smallest = spec.needs.minimum
    critic = build(spec)
    assert critic(torch.randn(1, 3, smallest, smallest)).shape == (1, 1, 1, 1)
    if smallest > 1:
        with pytest.raises(RuntimeError):
            critic(torch.randn(1, 3, smallest - 1, smallest - 1))


@pytest.mark.parametrize("norm", ["none", "instance", "batch", "batch-stat", "spectral"])
def test_features_are_what_each_stage_made_of_the_one_before(norm: CriticNorm) -> None:
    torch.manual_seed(0)
    critic = build(PatchSpec(width=2, layers=2, given_channels=1, norm=norm)).eval()
    assert isinstance(critic, PatchGAN)
    image, given = torch.randn(2, 3, 24, 24), torch.randn(2, 1, 24, 24)
    features = critic.features(image, given)
    assert len(features) == 4
    inputs = torch.cat([image, given], 1)
    for stage, feature in zip([*critic.stages, critic.score], features, strict=True):
        torch.testing.assert_close(stage(inputs.clone()), feature, rtol=0, atol=1e-5)
        inputs = feature
    torch.testing.assert_close(critic(image, given), features[-1], rtol=0, atol=0)


@pytest.mark.parametrize("norm", ["none", "instance", "batch-stat", "spectral"])
def test_a_gradient_penalty_reaches_the_weights(norm: CriticNorm) -> None:
    torch.manual_seed(0)
    critic = build(PatchSpec(input_channels=1, width=2, layers=1, norm=norm, minibatch="std")).double()
    image = torch.randn(2, 1, 8, 8, dtype=torch.float64)
    weights = [parameter for name, parameter in critic.named_parameters() if "bias" not in name]

    def penalty(image: torch.Tensor) -> torch.Tensor:
        (slope,) = torch.autograd.grad(critic(image).sum(), image, create_graph=True)
        return slope.square().sum()

    gradients = torch.autograd.grad(penalty(image.requires_grad_()), weights)
    assert all(gradient.isfinite().all() and gradient.any() for gradient in gradients)
    if norm != "spectral":  # its power iteration moves between two calls
        assert torch.autograd.gradcheck(penalty, image, fast_mode=True)


def test_a_conditional_critic_feels_its_condition() -> None:
    critic = build(PatchSpec(width=2, layers=1, given_channels=2))
    image = torch.randn(1, 3, 8, 8)
    assert not torch.allclose(critic(image, torch.zeros(1, 2, 8, 8)), critic(image, torch.ones(1, 2, 8, 8).tril()))


@pytest.mark.parametrize("layers", [0, 2])
def test_statistics_of_the_batch_are_in_the_score(layers: int) -> None:
    torch.manual_seed(0)
    critic = build(PatchSpec(width=2, layers=layers, minibatch="std")).eval()
    image, near, far = torch.randn(3, 1, 3, 16, 16)
    assert not torch.allclose(critic(torch.cat([image, near]))[0], critic(torch.cat([image, 5 * far]))[0])
