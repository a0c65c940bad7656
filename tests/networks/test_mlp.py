"""Networks on vectors: shapes, features, and the energy."""

from __future__ import annotations

import pytest
import torch

from img2img.config.networks.vectors import AutoencoderMLPSpec, MLPSpec
from img2img.networks import build
from img2img.networks.mlp import MLP, AutoencoderMLP


@pytest.mark.parametrize("norm", ["none", "spectral", "batch"])
@pytest.mark.parametrize("minibatch", ["none", "std", "discrimination"])
def test_features_are_the_hidden_layers_and_the_scores(norm: str, minibatch: str) -> None:
    network = build(MLPSpec(inputs=5, outputs=2, width=8, hidden_layers=3, norm=norm, minibatch=minibatch))
    assert isinstance(network, MLP)
    features = network.features(torch.randn(4, 3), torch.randn(4, 2))
    assert [tuple(feature.shape) for feature in features] == [(4, 8)] * 3 + [(4, 2)]


@pytest.mark.parametrize("exponent", [1, 2])
def test_energy_is_what_the_autoencoder_misses(exponent: int) -> None:
    critic = build(AutoencoderMLPSpec(inputs=2, code=3, width=4, exponent=exponent))
    assert isinstance(critic, AutoencoderMLP)
    with torch.no_grad():  # an autoencoder that always answers (1, 0)
        critic.decoder[-1].weight.zero_()
        critic.decoder[-1].bias.copy_(torch.tensor([1.0, 0.0]))
    code, score = critic.features(torch.tensor([[3.0, 4.0], [1.0, 0.0]]))
    assert code.shape == (2, 3)
    assert score.tolist() == [[-(2**exponent + 4**exponent) / 2], [0.0]]
