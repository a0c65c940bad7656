"""Twice the size: resize-convolution against its definition, shapes of both ways."""

from __future__ import annotations

from typing import Literal

import pytest
import torch
from torch.autograd import gradcheck
from torch.nn.functional import conv2d, interpolate, pad

from img2img.config.networks.spec import Upsample
from img2img.networks.layers.upsampling import FUSED_WEIGHTS, BilinearShuffle, ResizeConvolution, doubling


@pytest.mark.parametrize("size", [(1, 1), (1, 4), (3, 5)])
@pytest.mark.parametrize("channels", [2, FUSED_WEIGHTS // 2])
def test_resize_convolution_is_nearest_neighbour_then_a_reflecting_3x3(size: tuple[int, int], channels: int) -> None:
    torch.manual_seed(0)
    layer = ResizeConvolution(channels, 3, bias=True).double()
    image = torch.randn(2, channels, *size, dtype=torch.float64)
    enlarged = pad(interpolate(image, scale_factor=2.0, mode="nearest"), (1, 1, 1, 1), mode="reflect")
    expected = conv2d(enlarged, layer.weight, layer.bias)
    torch.testing.assert_close(layer(image), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [(1, 1), (1, 4), (3, 5)])
def test_a_bilinear_shuffle_is_bilinear_enlargement_then_a_3x3(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    layer = BilinearShuffle(4, 3).double()
    image = torch.randn(2, 4, *size, dtype=torch.float64)
    enlarged = interpolate(pad(image, (1, 1, 1, 1), mode="replicate"), scale_factor=2.0, mode="bilinear")
    expected = conv2d(enlarged[..., 1:-1, 1:-1], layer.weight, layer.bias)
    torch.testing.assert_close(layer(image), expected, rtol=0, atol=1e-12)
    image = torch.randn(2, 4, 4, 6, dtype=torch.float64)
    usual = doubling("bilinear", 4, 3, kernel=3, bias=True).double()
    usual.load_state_dict(layer.state_dict())
    torch.testing.assert_close(layer(image)[..., 1:-1, 1:-1], usual(image)[..., 1:-1, 1:-1], rtol=0, atol=1e-12)


def test_resize_convolution_has_the_right_gradients() -> None:
    torch.manual_seed(0)
    layer = ResizeConvolution(1, 2, bias=False).double()
    image = torch.randn(1, 1, 2, 3, dtype=torch.float64, requires_grad=True)

    def enlarge(image: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(layer, {"weight": weight}, (image,))

    assert gradcheck(enlarge, (image, layer.weight))


@pytest.mark.parametrize("upsample", ["deconv", "resize", "bilinear"])
@pytest.mark.parametrize("kernel", [3, 4])
def test_height_and_width_double(upsample: Upsample, kernel: Literal[3, 4]) -> None:
    layer = doubling(upsample, 3, 2, kernel=kernel, bias=True)
    assert layer(torch.randn(2, 3, 1, 5)).shape == (2, 2, 2, 10)


def test_a_flat_picture_stays_without_checkerboard() -> None:
    layer = ResizeConvolution(1, 1, bias=False)
    result = layer(torch.ones(1, 1, 4, 4))
    torch.testing.assert_close(result, result.mean().expand_as(result), rtol=0, atol=1e-6)
