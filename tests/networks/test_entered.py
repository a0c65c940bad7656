"""Methods that are called by themselves are compiled by themselves, and a copy has them as they were."""

from __future__ import annotations

import copy
from functools import partial
from unittest import mock

import torch
from torch import Tensor, nn

from img2img.config.networks.translators import ResnetSpec
from img2img.networks import build
from img2img.networks.translators.resnet import ResNet


def test_an_entrance_is_compiled_and_gives_the_same() -> None:
    torch._dynamo.reset()
    torch.manual_seed(0)
    network = build(ResnetSpec(width=2, blocks=1, downsamplings=1))
    assert isinstance(network, ResNet)
    picture, names = torch.rand(1, 3, 16, 16), ("picture", "block1")
    with torch.no_grad():
        wanted = network.activations(picture, names)
    graphs: list[int] = []

    def kept(graph: torch.fx.GraphModule, example: list[Tensor]) -> object:
        graphs.append(len(graph.graph.nodes))
        return graph.forward

    with mock.patch.object(torch, "compile", partial(torch.compile, backend=kept)):
        network.compile_entrances()
    with torch.no_grad():
        found = network.activations(picture, names)
    assert graphs and found.keys() == wanted.keys()
    torch.testing.assert_close(found, wanted)


def test_a_copy_is_not_compiled_and_has_weights_of_its_own() -> None:
    network = build(ResnetSpec(width=2, blocks=1, downsamplings=1))
    assert isinstance(network, ResNet)
    with mock.patch.object(torch, "compile", lambda method: partial(method)):
        network.compile_entrances()
    other = copy.deepcopy(network)
    assert isinstance(network.activations, partial) and not isinstance(other.activations, partial)
    for weight in other.parameters():
        nn.init.zeros_(weight)
    with torch.no_grad():
        assert not other(torch.rand(1, 3, 16, 16)).any()
    assert network.state_dict().keys() == other.state_dict().keys()
