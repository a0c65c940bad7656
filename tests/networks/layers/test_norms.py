"""Norms: whose statistics they take, in which precision, and which convolutions keep a bias next to them."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.autograd import gradcheck, gradgradcheck

from img2img.config.networks.critics import PatchSpec
from img2img.config.networks.spec import CriticNorm
from img2img.config.networks.translators import ResnetSpec
from img2img.networks import build
from img2img.networks.layers.norms import FEW, PictureNorm, constrained, norm_by_picture, normalisation


def test_batch_stat_is_batch_norm_at_batch_size_1() -> None:
    torch.manual_seed(0)
    ours, torchs = PictureNorm(3, affine=True), nn.BatchNorm2d(3)
    assert {n: p.shape for n, p in ours.named_parameters()} == {n: p.shape for n, p in torchs.named_parameters()}
    with torch.no_grad():
        for parameter in torchs.parameters():
            parameter.normal_()
    ours.load_state_dict(dict(torchs.named_parameters()))
    image = torch.randn(1, 3, 5, 7) * 4 + 2
    torch.testing.assert_close(ours(image), torchs(image), rtol=0, atol=1e-5)


def test_statistics_are_each_pictures_own() -> None:
    norm = normalisation("instance", 4)
    assert not list(norm.parameters())
    images = torch.randn(3, 4, 6, 6)
    together, alone = norm(images), torch.cat([norm(image[None]) for image in images])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-6)
    torch.testing.assert_close(together.mean((2, 3)), torch.zeros(3, 4), rtol=0, atol=1e-6)
    torch.testing.assert_close(together.var((2, 3), correction=0), torch.ones(3, 4), rtol=0, atol=1e-3)


@pytest.mark.parametrize("count", [1, FEW, FEW + 1])
@pytest.mark.parametrize("affine", [False, True])
def test_cudas_way_is_the_same_and_keeps_the_memory_layout(count: int, affine: bool) -> None:
    torch.manual_seed(0)
    norm = PictureNorm(3, affine=affine)
    weight, bias = (torch.randn(3), torch.randn(3)) if affine else (None, None)
    if affine:
        norm.load_state_dict({"weight": weight, "bias": bias})
    images = (torch.randn(count, 3, 5, 4) * 3 + 1).contiguous(memory_format=torch.channels_last)
    results, slopes = [], []
    for way in (norm, lambda x: norm_by_picture(x, weight, bias)):
        leaf = images.clone().requires_grad_()
        result = way(leaf)
        (slope,) = torch.autograd.grad(result.pow(3).sum(), leaf)
        results.append(result.detach())
        slopes.append(slope)
    torch.testing.assert_close(results[1], results[0], rtol=0, atol=1e-5)
    torch.testing.assert_close(slopes[1], slopes[0], rtol=0, atol=1e-4)
    assert results[1].is_contiguous(memory_format=torch.channels_last)


def test_a_map_of_one_pixel_becomes_the_offset() -> None:
    norm = PictureNorm(2, affine=True)
    with torch.no_grad():
        assert norm.bias is not None
        norm.bias.copy_(torch.tensor([0.5, -3.0]))
    torch.testing.assert_close(norm(torch.randn(1, 2, 1, 1)).flatten(), norm.bias, rtol=0, atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("affine", [False, True])
def test_half_precision_is_summed_in_float32(dtype: torch.dtype, affine: bool) -> None:
    torch.manual_seed(0)
    norm = PictureNorm(2, affine=affine)
    # Squares of 1000 overflow float16, and a bfloat16 sum of them has no digit left for a variance of 400.
    image = (torch.randn(1, 2, 64, 64) * 20 + 1000).to(dtype)
    exact = image.double()
    exact = (exact - exact.mean((2, 3), keepdim=True)) / exact.var((2, 3), correction=0, keepdim=True).sqrt()
    with torch.autocast("cpu", dtype=dtype):
        result = norm(image).double()
    torch.testing.assert_close(result, exact, rtol=0, atol=0.02)


def test_gradients_of_gradients_are_right() -> None:
    torch.manual_seed(0)
    image = torch.randn(2, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    norm = PictureNorm(2, affine=True).double()
    assert gradcheck(norm, image)
    assert gradgradcheck(norm, image)


def test_convolutions_have_a_bias_unless_the_norm_brings_one() -> None:
    def unbiased(norm: str) -> list[str]:
        network = build(ResnetSpec(width=2, blocks=1, downsamplings=1, norm=norm, upsample="deconv"))
        return [
            name
            for name, module in network.named_modules()
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and module.bias is None
        ]

    assert unbiased("instance") == unbiased("none") == []
    normed = ["enter.0", "down.0.0", "blocks.0.first.0", "blocks.0.second.0", "up.0.0"]
    assert unbiased("batch") == unbiased("batch-stat") == normed


@pytest.mark.parametrize("norm", ["none", "instance", "batch", "batch-stat", "spectral"])
def test_the_first_layer_and_the_score_are_never_normalised(norm: CriticNorm) -> None:
    critic = build(PatchSpec(width=2, layers=2, norm=norm))
    norms = [name for name, module in critic.named_modules() if isinstance(module, PictureNorm | nn.BatchNorm2d)]
    assert norms == ([] if norm in ("none", "spectral") else ["stages.1.1", "stages.2.1"])


def test_spectral_norm_brings_the_largest_singular_value_to_1() -> None:
    torch.manual_seed(0)
    layer = constrained(nn.Conv2d(4, 6, 3), "spectral")
    for _ in range(50):
        layer(torch.randn(1, 4, 3, 3))
    weight = layer.weight
    assert isinstance(weight, torch.Tensor)
    assert abs(torch.linalg.matrix_norm(weight.flatten(1), ord=2).item() - 1) < 1e-3
