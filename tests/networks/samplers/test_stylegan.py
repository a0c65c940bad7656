"""The style-based pair: modulation against its formula, what is random when, truncation, mixing, gradients."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import gradgradcheck
from torch.nn.functional import conv2d

from img2img.config.base import Refusal
from img2img.config.networks.samplers import StyleGANSpec
from img2img.config.networks.whole_critics import StyleGANCriticSpec
from img2img.networks import build, count_parameters, initialise
from img2img.networks.layers.equalised import Activation, EqualisedConvolution, EqualisedLinear, pixel_norm
from img2img.networks.layers.modulated import ModulatedConvolution
from img2img.networks.layers.resample import blurred, doubled, halved
from img2img.networks.samplers.stylegan import MEMORY, StyleGAN

SPEC = StyleGANSpec(latent=6, size=16, width=4, growth=1, style=5, mapping_layers=2)
CRITIC = StyleGANCriticSpec(size=16, width=4, growth=1)


def generator(spec: StyleGANSpec = SPEC) -> StyleGAN:
    torch.manual_seed(0)
    network = build(spec)
    assert isinstance(network, StyleGAN)
    return network


@pytest.mark.parametrize("demodulate", [True, False])
def test_modulation_is_a_convolution_with_each_samples_own_weights(demodulate: bool) -> None:
    torch.manual_seed(0)
    layer = ModulatedConvolution(3, 4, 3, style=5, demodulate=demodulate).double()
    images, styles = torch.randn(2, 3, 6, 7).double(), torch.randn(2, 5).double()
    for image, style, result in zip(images, styles, layer(images, styles), strict=True):
        weight = layer.weight / (3 * 9) ** 0.5 * layer.affine(style)[None, :, None, None]
        if demodulate:
            weight = weight / weight.square().sum(dim=(1, 2, 3), keepdim=True).sqrt()
        torch.testing.assert_close(result, conv2d(image[None], weight, padding=1)[0], rtol=0, atol=1e-6)


def test_demodulation_keeps_the_variance_whatever_the_style() -> None:
    torch.manual_seed(0)
    layer = ModulatedConvolution(8, 16, 3, style=5)
    result = layer(torch.randn(64, 8, 16, 16), 10 * torch.randn(64, 5))[:, :, 1:-1, 1:-1]
    torch.testing.assert_close(result.var(dim=(0, 2, 3)), torch.ones(16), rtol=0, atol=0.1)


def test_modulation_has_second_derivatives() -> None:
    torch.manual_seed(0)
    layer = ModulatedConvolution(2, 2, 3, style=3).double()
    image = torch.randn(1, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    assert gradgradcheck(layer, (image, torch.randn(1, 3, dtype=torch.float64, requires_grad=True)))


def test_equalised_layers_keep_the_variance_and_are_left_alone_by_initialise() -> None:
    torch.manual_seed(0)
    dense, convolution = EqualisedLinear(256, 128, rate=0.01), EqualisedConvolution(64, 32, 3)
    assert abs(dense(torch.randn(500, 256)).var().item() - 1) < 0.05
    assert abs(convolution(torch.randn(8, 64, 12, 12))[:, :, 1:-1, 1:-1].var().item() - 1) < 0.05
    # What goes on through the activation has the mean square it came with.
    assert abs(Activation()(torch.randn(100_000)).square().mean().item() - 1) < 0.02
    before = [parameter.clone() for parameter in (*dense.parameters(), *convolution.parameters())]
    initialise(nn.ModuleList([dense, convolution]))
    assert all(map(torch.equal, before, (*dense.parameters(), *convolution.parameters())))


def test_rate_is_a_factor_on_the_steps() -> None:
    def step(rate: float) -> Tensor:
        torch.manual_seed(0)
        layer, values = EqualisedLinear(3, 1, rate=rate), torch.ones(1, 3)
        before = layer(values).detach()
        optimiser = torch.optim.Adam(layer.parameters(), lr=1e-3)
        layer(values).sum().backward()
        optimiser.step()
        return layer(values).detach() - before

    torch.testing.assert_close(step(0.01), 0.01 * step(1.0), rtol=1e-2, atol=1e-7)


def test_pixel_norm_makes_the_mean_square_1() -> None:
    values = 7 * torch.randn(2, 5, 3, 3)
    torch.testing.assert_close(pixel_norm(values).square().mean(dim=1), torch.ones(2, 3, 3), rtol=0, atol=1e-4)


def test_resampling_is_by_the_binomial_filter() -> None:
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    point = torch.zeros(1, 1, 9, 9)
    point[0, 0, 4, 4] = 1
    torch.testing.assert_close(blurred(point, padding=2)[0, 0, 3:7, 3:7], taps[:, None] * taps, rtol=0, atol=1e-7)
    spread = doubled(point)[0, 0]
    torch.testing.assert_close(spread[7:11, 7:11], 4 * taps[:, None] * taps, rtol=0, atol=1e-6)
    flat = halved(torch.ones(1, 2, 8, 8))
    assert flat.shape == (1, 2, 4, 4)
    torch.testing.assert_close(flat[..., 1:-1, 1:-1], torch.ones(1, 2, 2, 2), rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", [8, 16, 32, 64, 128, 256])
def test_sizes(size: int) -> None:
    with torch.no_grad():
        pictures = build(StyleGANSpec(latent=4, size=size, width=2, growth=1, style=4))(torch.randn(2, 4))  # type: ignore[arg-type]
        assert pictures.shape == (2, 3, size, size) and pictures.abs().max() <= 1
        assert build(StyleGANCriticSpec(size=size, width=2, growth=1))(pictures).shape == (2, 1)  # type: ignore[arg-type]


def styled(inputs: int, outputs: int, style: int) -> int:
    """Weights, affine, biases, strength of the noise."""
    return inputs * outputs * 9 + (style + 1) * inputs + outputs + 1


def picture(inputs: int, style: int) -> int:
    return inputs * 3 + (style + 1) * inputs + 3


def test_parameters_by_hand() -> None:
    mapping = 7 * 5 + 6 * 5
    synthesis = 8 * 4 * 4 + styled(8, 8, 5) * 3 + styled(8, 4, 5) + styled(4, 4, 5)
    assert count_parameters(SPEC) == mapping + synthesis + 2 * picture(8, 5) + picture(4, 5)
    blocks = (4 * 4 * 9 + 4) + (4 * 8 * 9 + 8) + 4 * 8 + 2 * (8 * 8 * 9 + 8) + 8 * 8
    assert count_parameters(CRITIC) == (3 * 4 + 4) + blocks + (9 * 8 * 9 + 8) + (8 * 16 + 1) * 8 + 9


@pytest.mark.parametrize("classes", [0, 3])
def test_applied_nothing_but_the_latent_and_the_class_count(classes: int) -> None:
    network = generator(SPEC.model_copy(update={"classes": classes})).eval()
    for module in network.modules():
        if hasattr(module, "strength"):
            module.strength.data.fill_(0.5)
    latent = torch.randn(3, 6)
    label = torch.tensor([0, 1, 2]) if classes else None
    pictures = network(latent, label)
    torch.manual_seed(1)
    assert torch.equal(network(latent, label), pictures)
    torch.testing.assert_close(network(latent[1:2], label[1:2] if classes else None), pictures[1:2], rtol=0, atol=1e-5)
    if classes:
        assert not torch.equal(network(latent, torch.tensor([1, 1, 2]))[0], pictures[0])
        with pytest.raises(ValueError, match="3 classes"):
            network(latent)


def test_in_training_noise_follows_the_seed() -> None:
    network = generator()
    latent = torch.randn(3, 6)

    def drawn(seed: int) -> Tensor:
        torch.manual_seed(seed)
        return network(latent)

    assert torch.equal(drawn(0), drawn(1))  # the noise begins with strength 0
    for module in network.modules():
        if hasattr(module, "strength"):
            module.strength.data.fill_(0.5)
    assert torch.equal(drawn(0), drawn(0)) and not torch.equal(drawn(0), drawn(1))


def test_mixing_takes_the_finer_layers_from_the_latent_before() -> None:
    network = generator(SPEC.model_copy(update={"mixing": 1.0}))
    latent = torch.randn(200, 6)
    own = network.styles(latent)
    mixed = network.mixed(latent)
    same = (mixed == own).all(dim=2)
    assert same[:, 0].all() and not same[:, -1].any()
    torch.testing.assert_close(mixed[:, -1], own.roll(1, 0)[:, -1], rtol=0, atol=1e-5)
    # Once it has changed over, a picture does not change back.
    assert (same[:, 1:] <= same[:, :-1]).all()
    assert set(same.sum(dim=1).tolist()) == {1, 2, 3, 4}


def test_only_what_critics_are_shown_is_mixed() -> None:
    network, apart = generator(), generator(SPEC.model_copy(update={"mixing": 0.0}))
    latent = torch.randn(8, 6)
    torch.testing.assert_close(network(latent), apart(latent), rtol=0, atol=1e-5)
    torch.testing.assert_close(apart.fakes(latent, {})["real"], apart(latent), rtol=0, atol=1e-5)
    assert (network.fakes(latent, {})["real"] - network(latent)).abs().max() > 0.1


def test_truncation_goes_to_the_mean_style_which_training_keeps() -> None:
    network = generator()
    latent = torch.randn(4, 6)
    network.styles(latent)
    network.eval()
    styles = network.styles(latent)
    torch.testing.assert_close(network.mean_style, (1 - MEMORY) * styles[:, 0].mean(0), rtol=0, atol=1e-6)
    before = network.mean_style.clone()
    network(latent)
    assert torch.equal(before, network.mean_style)  # applied, it stays
    network.mean_style.normal_()
    assert network.truncate(0.25) is None
    wanted = network.mean_style + 0.25 * (styles - network.mean_style)
    torch.testing.assert_close(network.styles(latent), wanted, rtol=0, atol=1e-6)
    network.truncate(0.0)
    one = network(latent)
    torch.testing.assert_close(one, one[:1].expand_as(one), rtol=0, atol=1e-5)
    network.truncate(None)
    torch.testing.assert_close(network.styles(latent), styles, rtol=0, atol=1e-6)
    with pytest.raises(Refusal, match=r"--truncation 1\.5: from 0"):
        network.truncate(1.5)


def test_a_gradient_reaches_every_parameter() -> None:
    torch.manual_seed(0)
    pair = nn.ModuleList([build(SPEC), build(CRITIC)])
    pair[1](pair[0](torch.randn(4, 6))).square().sum().backward()
    assert [name for name, weight in pair.named_parameters() if weight.grad is None or not weight.grad.any()] == []


@pytest.mark.parametrize("norm", ["none", "layer"])
def test_a_gradient_penalty_reaches_the_critics_weights(norm: str) -> None:
    torch.manual_seed(0)
    critic = build(CRITIC.model_copy(update={"norm": norm, "classes": 2}))
    image = torch.randn(4, 3, 16, 16, requires_grad=True)
    (slope,) = torch.autograd.grad(critic(image, torch.tensor([0, 1, 1, 0])).sum(), image, create_graph=True)
    slope.square().sum().backward()
    unreached = [name for name, weight in critic.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert all(name.endswith("bias") for name in unreached), unreached


def test_the_critic_sees_how_alike_the_batch_is() -> None:
    torch.manual_seed(0)
    critic = build(CRITIC)
    picture = torch.randn(1, 3, 16, 16)
    assert not torch.allclose(critic(picture), critic(torch.cat([picture, -picture]))[:1], atol=1e-3)
    assert any(getattr(module, "mixes_samples", False) for module in critic.modules())
