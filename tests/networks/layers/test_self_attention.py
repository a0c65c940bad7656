"""Self-attention against its formula, place by place."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.autograd import gradgradcheck

from img2img.networks.layers.self_attention import SelfAttention


def by_hand(layer: SelfAttention, image: Tensor) -> Tensor:
    """Equations 1 to 3 with loops over the places."""
    height, width = image.shape[1:]
    places = [image[:, y, x] for y in range(height) for x in range(width)]
    f, g, h, v = (part.weight[:, :, 0, 0] for part in (layer.key, layer.query, layer.value, layer.out))
    result = torch.empty_like(image)
    for index, here in enumerate(places):
        likeness = torch.stack([(f @ there) @ (g @ here) for there in places])
        weights = likeness.exp() / likeness.exp().sum()
        blend = sum(weight * (h @ there) for weight, there in zip(weights, places, strict=True))
        result[:, index // width, index % width] = here + layer.gamma * (v @ blend)
    return result


def drawn(norm: str = "none", channels: int = 16) -> SelfAttention:
    torch.manual_seed(0)
    return SelfAttention(channels, norm).double().eval()  # type: ignore[arg-type]


def test_it_is_the_identity_as_built() -> None:
    image = torch.randn(2, 16, 4, 5, dtype=torch.float64)
    assert torch.equal(drawn()(image), image)


@pytest.mark.parametrize("norm", ["none", "spectral"])
def test_it_is_the_papers_formula(norm: str) -> None:
    layer = drawn(norm)
    images = torch.randn(2, 16, 3, 4, dtype=torch.float64)
    with torch.no_grad():
        layer.gamma.fill_(0.7)
        expected = torch.stack([by_hand(layer, image) for image in images])
        assert not torch.allclose(expected, images, atol=1e-2)
        torch.testing.assert_close(layer(images), expected, rtol=0, atol=1e-10)


def test_gradients_of_gradients_are_right() -> None:
    layer = drawn(channels=8)
    layer.gamma.data.fill_(1.0)
    assert gradgradcheck(layer, torch.randn(1, 8, 2, 2, dtype=torch.float64, requires_grad=True))


def test_gamma_learns_from_the_start() -> None:
    layer = drawn()
    layer(torch.randn(2, 16, 3, 3, dtype=torch.float64)).square().sum().backward()
    assert layer.gamma.grad is not None and layer.gamma.grad != 0
