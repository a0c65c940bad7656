"""First weights: their spread, and that nothing is left out."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from img2img.config.networks import AnySpec
from img2img.config.networks.content import MunitSpec
from img2img.config.networks.critics import PatchSpec
from img2img.config.networks.encoders import StyleEncoderSpec
from img2img.config.networks.translators import ResnetSpec
from img2img.config.networks.vectors import MLPSpec
from img2img.networks import build, initialise


def test_weights_are_normal_biases_zero() -> None:
    network = build(ResnetSpec(width=16, blocks=1, norm="batch-stat"))
    for parameter in network.parameters():
        nn.init.constant_(parameter, 7.0)
    initialise(network, 0.02, generator=torch.Generator().manual_seed(0))
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            assert not parameter.any(), name
        else:
            middle = 0.0 if parameter.dim() == 4 else 1.0
            error = 0.02 * 5 / parameter.numel() ** 0.5  # five standard errors
            assert abs(parameter.mean().item() - middle) < error, name
            assert abs(parameter.std().item() - 0.02) < error, name


@pytest.mark.parametrize(("spec", "part"), [(MunitSpec(width=16, blocks=1), "decoder.dense"), (StyleEncoderSpec(), "")])
def test_first_weights_for_relu(spec: AnySpec, part: str) -> None:
    """N(0, sqrt(2 / inputs)) in every layer (arXiv:1502.01852, equation 10), and nothing draws them again."""
    torch.manual_seed(0)
    network = build(spec).get_submodule(part)
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    assert len(layers) >= 3 and spec.initial_std == 0
    for layer in layers:
        wanted = math.sqrt(2 / layer.weight[0].numel())
        assert layer.weight.std().item() == pytest.approx(wanted, rel=5 / layer.weight.numel() ** 0.5)
        assert layer.bias is not None and not layer.bias.any()


def test_the_seed_decides() -> None:
    networks = [build(MLPSpec()) for _ in range(2)]
    for network in networks:
        initialise(network, generator=torch.Generator().manual_seed(3))
    assert all(torch.equal(a, b) for a, b in zip(networks[0].parameters(), networks[1].parameters(), strict=True))
    assert networks[0].score.weight.any()


def test_spectral_norm_knows_its_new_weights() -> None:
    critic = build(PatchSpec(width=4, layers=1, norm="spectral"))
    initialise(critic, 0.02, generator=torch.Generator().manual_seed(0))
    assert critic.score.parametrizations.weight.original.std() < 0.05
    critic.eval()
    for layer in (critic.stages[0][0], critic.score):
        largest = torch.linalg.matrix_norm(layer.weight.flatten(1), ord=2).item()
        assert abs(largest - 1) < 0.05
    assert critic.train().score.training
