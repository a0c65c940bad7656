"""The U-Net: its levels, its skips, its dropout."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from img2img.config.networks.spec import Norm, Upsample
from img2img.config.networks.translators import UNetSpec
from img2img.networks import apply_mode, build
from img2img.networks.translators.unet import UNet


@pytest.mark.parametrize("upsample", ["deconv", "resize", "bilinear"])
@pytest.mark.parametrize("levels", [2, 5])
def test_multiples_of_its_side_come_back_down_to_one_pixel_within(upsample: Upsample, levels: int) -> None:
    spec = UNetSpec(input_channels=1, output_channels=2, width=2, levels=levels, upsample=upsample)
    network, side = build(spec), spec.needs.multiple_of
    assert spec.needs.minimum == side == 2**levels
    for height, width in ((side, side), (3 * side, 2 * side)):
        result = network(torch.randn(1, 1, height, width))
        assert result.shape == (1, 2, height, width)
        assert result.abs().max() <= 1


@pytest.mark.parametrize("norm", ["none", "instance", "batch", "batch-stat"])
def test_a_result_does_not_depend_on_the_rest_of_the_batch(norm: Norm) -> None:
    torch.manual_seed(0)
    network = apply_mode(build(UNetSpec(width=4, levels=3, norm=norm)))
    images = torch.rand(3, 3, 8, 16) * 2 - 1
    with torch.no_grad():
        torch.testing.assert_close(network(images)[1:2], network(images[1:2]), rtol=0, atol=1e-5)


def test_widths_and_dropout_are_the_papers_at_256_px() -> None:
    with torch.device("meta"):
        network = build(UNetSpec())
    assert isinstance(network, UNet)
    assert [stage[0].out_channels for stage in network.encoder] == [64, 128, 256, 512, 512, 512, 512, 512]
    dropped = [any(isinstance(layer, nn.Dropout) for layer in stage) for stage in network.decoder]
    assert dropped == [False, True, True, True, False, False, False, False]


def test_the_outermost_level_has_no_dropout_however_few_there_are() -> None:
    network = build(UNetSpec(width=1, levels=3))
    assert isinstance(network, UNet)
    assert [any(isinstance(layer, nn.Dropout) for layer in stage) for stage in network.decoder] == [False, True, False]


def test_every_level_is_skipped_to() -> None:
    """With the way through the innermost level cut, detail of every other level still arrives."""
    torch.manual_seed(0)
    network = build(UNetSpec(width=2, levels=3, norm="none", dropout=0))
    assert isinstance(network, UNet)
    for level in range(2):
        stage = network.encoder[level]
        handles = [network.decoder[0].register_forward_hook(lambda *_: torch.zeros(1, 4, 2, 2))]
        seen: list[torch.Tensor] = []
        handles.append(stage.register_forward_hook(lambda _module, _inputs, output, seen=seen: seen.append(output)))
        network(torch.randn(1, 3, 8, 8)).sum().backward()
        assert seen and all(parameter.grad is not None and parameter.grad.any() for parameter in stage.parameters())
        network.zero_grad()
        for handle in handles:
            handle.remove()


@pytest.mark.parametrize("norm", ["none", "batch-stat"])
def test_its_gradients_survive_the_in_place_activations(norm: Norm) -> None:
    torch.manual_seed(0)
    network = build(UNetSpec(width=1, levels=3, norm=norm, dropout=0)).double()
    image = torch.randn(1, 3, 8, 8, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(network, image, fast_mode=True)
