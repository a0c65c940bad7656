"""What generators show on the way: the same picture comes out, and nothing is computed that is not asked for."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from img2img.config.networks.spec import Norm
from img2img.config.networks.translators import PICTURE, EnhancerSpec, ResnetSpec, TranslatorSpec, UNetSpec
from img2img.networks import apply_mode, build
from img2img.networks.translators.translator import RESULT, Translator

SPECS = [
    ResnetSpec(width=2, blocks=2, antialias=True),
    ResnetSpec(width=2, blocks=1, norm="none"),
    UNetSpec(width=2, levels=4, dropout=0.0),
    EnhancerSpec(width=2, blocks=1, local_blocks=2, downsamplings=1),
]


def shown(spec: TranslatorSpec) -> tuple[Translator, torch.Tensor]:
    torch.manual_seed(0)
    network = build(spec)
    assert isinstance(network, Translator)
    return network, torch.rand(2, 3, 32, 32) * 2 - 1


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_all_have_the_channels_that_the_spec_says_and_the_result_is_the_same(spec: TranslatorSpec) -> None:
    network, image = shown(spec)
    found = network.activations(image, [*spec.activations, RESULT])
    assert {name: values.shape[1] for name, values in found.items() if name != RESULT} == dict(spec.activations)
    assert torch.equal(found[PICTURE], image)
    torch.testing.assert_close(found[RESULT], network(image))


@pytest.mark.parametrize("spec", SPECS, ids=str)
@pytest.mark.parametrize("norm", ["none", "instance", "batch"])
def test_what_is_shown_is_not_overwritten_by_what_follows(spec: TranslatorSpec, norm: Norm) -> None:
    network, image = shown(spec.model_copy(update={"norm": norm}))
    names = list(spec.activations)
    alone = {name: network.activations(image, [name])[name].detach().clone() for name in names}
    together = network.activations(image, [*names, RESULT])
    for name in names:
        torch.testing.assert_close(together[name], alone[name])


def test_the_halvings_of_a_resnet_are_shown_before_their_norm() -> None:
    network, image = shown(ResnetSpec(width=2, blocks=1))
    found = network.activations(image, ["down1"])["down1"]
    torch.testing.assert_close(found, network.down[0][0](network.enter(image)))  # type: ignore[index, operator]
    assert (found < 0).any()


def test_what_lies_behind_the_last_is_not_computed() -> None:
    called: list[nn.Module] = []
    for spec in SPECS:
        network, image = shown(spec)
        called.clear()
        for part in network.modules():
            if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
                part.register_forward_hook(lambda module, *_: called.append(module))
        network.activations(image, [PICTURE])
        assert not called
        network.activations(image, ["down1"])
        assert len(called) == (1 if isinstance(spec, UNetSpec) else 2)


def test_blur_pool_leaves_no_alias_of_the_finest_stripes() -> None:
    """Every other column white: strided convolutions can turn that into anything, the blur into grey."""
    from img2img.networks.layers.resample import BlurPool

    stripes = (torch.arange(8) % 2).float().expand(1, 1, 8, 8)
    assert torch.allclose(BlurPool()(stripes), torch.full((1, 1, 4, 4), 0.5))
    dot = torch.zeros(1, 1, 6, 6)
    dot[0, 0, 2, 2] = 16
    assert BlurPool()(dot)[0, 0].tolist() == [[0, 0, 0], [0, 4, 0], [0, 0, 0]]
    dot = torch.zeros(1, 1, 6, 6)
    dot[0, 0, 1, 1] = 16
    assert BlurPool()(dot)[0, 0].tolist() == [[4, 2, 0], [2, 1, 0], [0, 0, 0]]
    assert BlurPool()(torch.zeros(1, 1, 5, 7)).shape == (1, 1, 3, 4)


def test_applied_networks_show_the_same() -> None:
    network, image = shown(UNetSpec(width=2, levels=4))
    apply_mode(network)
    with torch.no_grad():
        torch.testing.assert_close(network.activations(image, ["down2", RESULT])[RESULT], network(image))
