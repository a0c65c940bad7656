"""Noise between layers: of its size in training, none in evaluation, and in whatever network takes it."""

from __future__ import annotations

import pytest
import torch

from img2img.config.base import Refusal
from img2img.config.networks import AnySpec
from img2img.config.networks.samplers import DCGANSpec, InfoGANSpec, MLPGeneratorSpec, SNDCGANSpec
from img2img.config.networks.translators import ResnetSpec, UNetSpec
from img2img.config.train.gan import GanNetworks
from img2img.config.train.pix2pix import TranslationNetworks
from img2img.networks import apply_mode, build
from img2img.networks.layers.noise import TILES, LayerNoise, NoisePlane

NOISY: list[AnySpec] = [
    UNetSpec(width=2, levels=3, dropout=0, layer_noise=0.5),
    ResnetSpec(width=2, blocks=1, downsamplings=1, layer_noise=0.5),
    MLPGeneratorSpec(width=8, size=16, latent=4, layer_noise=0.5),
    InfoGANSpec(width=2, size=16, latent=4, layer_noise=0.5),
    DCGANSpec(width=2, size=28, latent=4, layer_noise=0.5),
    SNDCGANSpec(width=2, size=16, latent=4, layer_noise=0.5),
]


def test_its_spread_is_what_was_asked_for() -> None:
    torch.manual_seed(0)
    layer, features = LayerNoise(0.3), torch.full((4, 8, 32, 32), 2.0)
    added = layer(features) - features
    assert abs(added.std().item() - 0.3) < 0.01 and abs(added.mean().item()) < 0.01
    assert torch.equal(layer.eval()(features), features)


@pytest.mark.parametrize("spec", NOISY, ids=lambda spec: spec.network)
def test_a_network_is_noisy_in_training_and_where_it_is_asked_for(spec: AnySpec) -> None:
    network = build(spec)
    given = torch.rand(3, 4) if hasattr(spec, "latent") else torch.rand(3, 3, 16, 16)
    with torch.no_grad():
        network.train()
        assert not torch.equal(network(given), network(given))
        apply_mode(network)
        assert torch.equal(network(given), network(given))
        apply_mode(network, noise=True)
        assert not torch.equal(network(given), network(given))


@pytest.mark.parametrize("spec", NOISY, ids=lambda spec: spec.network)
def test_weights_have_the_same_names_without_it(spec: AnySpec) -> None:
    quiet = build(spec.model_copy(update={"layer_noise": 0.0}))
    assert list(quiet.state_dict()) == list(build(spec).state_dict())
    assert not any(isinstance(module, LayerNoise) for module in quiet.modules())


def test_networks_without_a_place_for_it_refuse_it() -> None:
    with pytest.raises(Refusal, match="--layer-noise goes with --network mlp, infogan, dcgan, sndcgan"):
        GanNetworks(network="stylegan", layer_noise=0.1).generator_spec(32, 3)
    with pytest.raises(Refusal, match="--layer-noise goes with --generator unet and resnet"):
        TranslationNetworks(generator="enhancer", layer_noise=0.1).generator_spec(64, 3, 3)
    assert GanNetworks(network="dcgan", layer_noise=0.1).generator_spec(64, 3).layer_noise == 0.1
    assert TranslationNetworks(layer_noise=0.2).generator_spec(64, 3, 3).layer_noise == 0.2


def test_a_plane_is_the_same_in_pictures_of_all_sizes_and_repeats_late() -> None:
    plane, side = NoisePlane().eval(), 4 * TILES[1]
    large = plane(torch.zeros(2, 3, side, side + 10))
    assert large.shape == (2, 1, side, side + 10) and torch.equal(large[0], large[1])
    assert torch.equal(plane(torch.zeros(1, 1, 40, 30)), large[:1, :, :40, :30])
    assert torch.equal(NoisePlane().eval()(torch.zeros(1, 1, 40, 30)), large[:1, :, :40, :30])
    for shift in (*TILES, 2 * TILES[0], 128):
        assert not torch.allclose(large[..., shift:, :], large[..., :-shift, :])


def test_a_plane_is_as_strong_in_training_as_later() -> None:
    torch.manual_seed(0)
    plane, like = NoisePlane(), torch.zeros(2, 1, 300, 300)
    drawn, kept = plane(like), plane.eval()(like)
    assert not torch.equal(drawn[0], drawn[1])
    for noise in (drawn, kept):
        assert abs(noise.mean().item()) < 0.03 and abs(noise.std().item() - 1) < 0.03
