"""Statistics across the batch, against their formulas."""

from __future__ import annotations

import math

import pytest
import torch

from img2img.networks.layers.minibatch import MinibatchDiscrimination, MinibatchStd, across_batch


def test_std_is_one_number_beside_untouched_features() -> None:
    features = torch.tensor([[1.0, 10.0], [3.0, 10.0]])  # deviations 1 and 0
    result = MinibatchStd()(features)
    assert torch.equal(result[:, :2], features)
    torch.testing.assert_close(result[:, 2], torch.full((2,), 0.5), rtol=0, atol=1e-4)


def test_std_of_one_picture_is_zero_and_has_a_finite_slope() -> None:
    features = torch.randn(1, 3, 2, 2, requires_grad=True)
    result = MinibatchStd()(features)
    assert result.shape == (1, 4, 2, 2)
    assert result[:, 3].abs().max() < 1e-3
    result.sum().backward()
    assert features.grad is not None and features.grad.isfinite().all()


def test_discrimination_is_the_formula_of_the_paper() -> None:
    layer = MinibatchDiscrimination(2, kernels=1, size=2)
    with torch.no_grad():
        layer.directions.weight.copy_(torch.eye(2))
    features = torch.tensor([[0.0, 0.0], [1.0, -2.0], [0.0, 0.0]])  # distances 3, 0, 3
    result = layer(features)
    assert torch.equal(result[:, :2], features)
    near, far = 1.0, math.exp(-3)
    expected = torch.tensor([near + far + near, far + near + far, near + far + near])
    torch.testing.assert_close(result[:, 2], expected, rtol=0, atol=1e-6)


def test_discrimination_of_pictures_is_that_of_their_means() -> None:
    layer = MinibatchDiscrimination(3)
    features = torch.randn(4, 3, 5, 5)
    result = layer(features)
    assert result.shape == (4, 3 + layer.kernels, 5, 5)
    expected = layer(features.mean((2, 3)))[:, 3:, None, None].expand(-1, -1, 5, 5)
    torch.testing.assert_close(result[:, 3:], expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", ["none", "std", "discrimination"])
def test_channels_are_as_announced(kind: str) -> None:
    layer, channels = across_batch(kind, 5)  # type: ignore[arg-type]
    assert layer(torch.randn(2, 5)).shape == (2, channels)
    assert getattr(layer, "mixes_samples", False) == (kind != "none")
