"""The perceptual distance: its formula, and where its gradients go."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from img2img.config.perceptual import Perceptual
from img2img.recipes.perceptual import PerceptualDistance, perceptual_distance


class Linear(nn.Module):
    """Two layers whose activations are the picture's multiples."""

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        return {"one": image, "three": 3 * image}


@pytest.mark.parametrize(("cost", "power"), [("l1", 1), ("mse", 2)])
def test_it_is_the_weighted_mean_distance_of_scaled_activations(cost: str, power: int) -> None:
    distance = PerceptualDistance(Linear(), {"one": 0.5, "three": 2.0}, cost, scale=0.25)
    fake, real = torch.full((2, 1, 4, 4), 0.7), torch.full((2, 1, 4, 4), 0.3)
    wanted = 0.5 * (0.25 * 0.4) ** power + 2 * (0.25 * 3 * 0.4) ** power
    assert abs(distance(fake, real).item() - wanted) < 1e-6


def test_gradients_reach_the_fake_and_nothing_else() -> None:
    fake = torch.full((1, 1, 2, 2), 0.5, requires_grad=True)
    real = torch.zeros(1, 1, 2, 2, requires_grad=True)
    PerceptualDistance(Linear(), {"three": 2.0}, "mse")(fake, real).backward()
    # d/dx of 2 * mean((3x)^2) over 4 pixels is 2 * 9 * 2x / 4
    assert fake.grad is not None and (fake.grad - 4.5).abs().max() < 1e-6
    assert real.grad is None


def test_options_make_it(vgg19: Path) -> None:
    options = Perceptual(perceptual_layers="conv1_1:0.5,relu1_2", perceptual_cost="mse", feature_scale=0.5, vgg19=vgg19)
    distance = perceptual_distance(options)
    fake, real = torch.rand(2, 1, 1, 8, 8) * 2 - 1
    found, wanted = distance.features(fake), distance.features(real)
    by_hand = sum(
        weight * (0.5 * found[layer] - 0.5 * wanted[layer]).square().mean()
        for layer, weight in {"conv1_1": 0.5, "relu1_2": 1.0}.items()
    )
    assert abs(distance(fake, real) - by_hand) < 1e-6 * by_hand
