"""The Context Encoder: the published layers, the channel-wise layer against its definition, one size alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from img2img.config.networks.inpainters import ContextEncoderSpec
from img2img.networks import build, count_parameters
from img2img.networks.inpainters.context_encoder import ChannelWise, ContextEncoder


def channels(layers: nn.Module, kind: type[nn.Module]) -> list[int]:
    return [module.out_channels for module in layers.modules() if type(module) is kind]  # type: ignore[misc]


def test_its_layers_are_as_wide_as_the_papers() -> None:
    network = build(ContextEncoderSpec(bottleneck=100, upsample="deconv"))
    assert isinstance(network, ContextEncoder)
    assert channels(network.encoder, nn.Conv2d) == [64, 64, 128, 256, 512]
    assert channels(network.bottleneck, nn.Conv2d) == [100]
    assert channels(network.bottleneck, nn.ConvTranspose2d) == [512]
    assert channels(network.decoder, nn.ConvTranspose2d) == [256, 128, 64, 64, 3]  # the paper's for 64 px has one 64


@pytest.mark.parametrize(("size", "widths"), [(16, [4, 8]), (64, [1, 2, 4, 8]), (256, [1, 1, 1, 2, 4, 8])])
def test_other_sizes_end_at_4_px_too(size: int, widths: list[int]) -> None:
    network = build(ContextEncoderSpec(size=size, width=1))  # type: ignore[arg-type]
    assert isinstance(network, ContextEncoder)
    assert channels(network.encoder, nn.Conv2d) == widths
    assert network.encoder(torch.zeros(2, 4, size, size)).shape == (2, 8, 4, 4)


def test_the_channel_wise_layer_joins_places_and_no_channels() -> None:
    torch.manual_seed(0)
    layer = ChannelWise(3, 4)
    maps = torch.randn(2, 3, 4, 4)
    result = layer(maps)
    for channel in range(3):
        linear = maps[:, channel].flatten(1) @ layer.weight[channel] + layer.bias[channel]
        torch.testing.assert_close(result[:, channel].flatten(1), linear, rtol=0, atol=1e-6)
    assert sum(parameter.numel() for parameter in layer.parameters()) == 3 * (4**4 + 4**2)


def test_the_channel_wise_bottleneck_has_a_fraction_of_the_weights() -> None:
    weights = 512 * 4**4 + 512 * 4**2 + 512**2  # m n^4 and biases, and the 1x1 convolution across channels
    dense = 2 * 512 * 4**2 * 4000 + 2 * 4000  # in and out, and the 4000 units' norm
    difference = count_parameters(ContextEncoderSpec(bottleneck=4000)) - count_parameters(ContextEncoderSpec())
    assert difference == dense - weights


@pytest.mark.parametrize("shape", [(32, 48), (64, 64), (16, 16)])
def test_another_size_is_refused_in_one_line(shape: tuple[int, int]) -> None:
    spec = ContextEncoderSpec(size=32, width=1)
    assert spec.needs.minimum == spec.needs.maximum == spec.needs.multiple_of == 32
    with pytest.raises(ValueError, match=rf"32x32 px, not {shape[1]}x{shape[0]}$"):
        build(spec)(torch.zeros(1, 4, *shape))


def test_norms_are_everywhere_but_at_the_ends() -> None:
    network = build(ContextEncoderSpec(size=32, width=1, bottleneck=2))
    norms = [name for name, module in network.named_modules() if isinstance(module, nn.BatchNorm2d)]
    assert norms == ["encoder.1.1", "encoder.2.1", "bottleneck.1", "bottleneck.4", "decoder.0.1", "decoder.1.1"]
    bare = build(ContextEncoderSpec(size=32, width=1, norm="none"))
    assert not any(isinstance(module, nn.BatchNorm2d) for module in bare.modules())
