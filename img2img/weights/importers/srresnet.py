"""Other people's SRResNets, which spandrel does not know: three key layouts, all of networks on [0, 1].

1. The published form as Lornatang's SRGAN-PyTorch has it: `conv1`, `trunk.N.rcb`, `conv2`, `upsampling`, `conv3`.
2. The same as leftthomas' SRGAN has it: `block1`, `block2` …, the last of which enlarges; it ends with a tanh.
3. BasicSR's MSRResNet, without norms, on top of bilinear upsampling: `conv_first`, `body.N.conv1`, `upconv1`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, leaky_relu, pixel_shuffle, relu

from img2img.config.networks import SizeNeeds
from img2img.config.networks.upscalers import SRResNetSpec
from img2img.networks import build

Call = Callable[[nn.Module, Tensor], Tensor]
"""A network on a picture (N, C, h, w) in [0, 1]."""

_RESIDUAL = ("conv1", "bn1", "prelu", "conv2", "bn2")


def fits(state: Mapping[str, Tensor]) -> bool:
    """Whether these are the tensors of one of the three."""
    return any(key in state for key in ("trunk.0.rcb.0.weight", "block2.prelu.weight")) or (
        "body.0.conv1.weight" in state and "conv_first.weight" in state and "upconv1.weight" in state
    )


def read(state: Mapping[str, Tensor]) -> tuple[nn.Module, Call, int, SizeNeeds]:
    """The network, how it is called, its scale and the sizes that it takes.

    Raises KeyError, IndexError, RuntimeError or ValueError where the tensors do not fit together.
    """
    if "conv_first.weight" in state:
        plain = MSRResNet(state)
        return plain, lambda network, low: network(low), plain.scale, SizeNeeds(radius=plain.radius)
    tanh = "block2.prelu.weight" in state
    pairs = dict(_of_leftthomas(state) if tanh else _of_lornatang(state))
    factors = [_factor(state, theirs) for theirs, ours in pairs.items() if re.fullmatch(r"up\.\d\.0\.0", ours)]
    scale = 1
    for factor in factors:
        scale *= factor
    width, channels = state[next(iter(pairs)) + ".weight"].shape[:2]
    blocks = sum(ours.endswith("change.0") for ours in pairs.values())
    shape = {"input_channels": channels, "output_channels": channels, "width": width}
    spec = SRResNetSpec.model_validate(shape | {"scale": scale, "blocks": blocks})
    network = build(spec)
    network.load_state_dict(dict(_renamed(state, pairs, network.state_dict())))
    call: Call = (lambda net, low: (torch.tanh(net(low)) + 1) / 2) if tanh else (lambda net, low: net(low))
    return network, call, scale, spec.needs


def _of_lornatang(state: Mapping[str, Tensor]) -> Iterator[tuple[str, str]]:
    """(theirs, ours) for each layer with weights."""
    yield from (("conv1.0", "enter.0"), ("conv1.1", "enter.1"))
    for block in _count(state, r"trunk\.(\d+)\."):
        yield from ((f"trunk.{block}.rcb.{layer}", f"blocks.{block}.change.{layer}") for layer in range(5))
    yield from (("conv2.0", "join.0"), ("conv2.1", "join.1"))
    for number in _count(state, r"upsampling\.(\d+)\."):
        yield f"upsampling.{number}.upsample_block.0", f"up.{number}.0.0"
        yield f"upsampling.{number}.upsample_block.2", f"up.{number}.1"
    yield "conv3", "leave"


def _of_leftthomas(state: Mapping[str, Tensor]) -> Iterator[tuple[str, str]]:
    yield from (("block1.0", "enter.0"), ("block1.1", "enter.1"))
    blocks = len({key.split(".")[0] for key in state if re.match(r"block\d+\.conv1\.", key)})
    for block in range(blocks):
        yield from ((f"block{block + 2}.{name}", f"blocks.{block}.change.{k}") for k, name in enumerate(_RESIDUAL))
    yield from ((f"block{blocks + 2}.0", "join.0"), (f"block{blocks + 2}.1", "join.1"))
    last = f"block{blocks + 3}"
    ups = _count(state, rf"{last}\.(\d+)\.conv\.")
    for number in ups:
        yield from ((f"{last}.{number}.conv", f"up.{number}.0.0"), (f"{last}.{number}.prelu", f"up.{number}.1"))
    yield f"{last}.{len(ups)}", "leave"


def _renamed(
    state: Mapping[str, Tensor], pairs: Mapping[str, str], wanted: Mapping[str, Tensor]
) -> Iterator[tuple[str, Tensor]]:
    """Our tensors. A bias that is theirs to leave out, next to a norm, is 0."""
    for theirs, ours in pairs.items():
        for key in (key for key in wanted if key.rpartition(".")[0] == ours):
            leaf = key.rpartition(".")[2]
            found = state.get(f"{theirs}.{leaf}")
            if found is None and leaf not in ("bias", "num_batches_tracked"):
                raise KeyError(f"{theirs}.{leaf}")
            yield key, torch.zeros_like(wanted[key]) if found is None else found


def _count(state: Mapping[str, Tensor], pattern: str) -> range:
    return range(len({match[1] for key in state if (match := re.match(pattern, key))}))


def _factor(state: Mapping[str, Tensor], layer: str) -> int:
    made, width = state[f"{layer}.weight"].shape[:2]
    return round((made / width) ** 0.5)


class MSRResNet(nn.Module):
    """(N, C, h, w) in [0, 1] -> (N, C, h * scale, w * scale): residual blocks, pixel shuffles, bilinear upsampling."""

    def __init__(self, state: Mapping[str, Tensor]) -> None:
        super().__init__()
        blocks = _count(state, r"body\.(\d+)\.")
        self.conv_first = _convolution(state, "conv_first")
        self.body = nn.ModuleList(
            nn.ModuleDict({name: _convolution(state, f"body.{block}.{name}") for name in ("conv1", "conv2")})
            for block in blocks
        )
        ups = [name for name in ("upconv1", "upconv2") if f"{name}.weight" in state]
        self.factors = [_factor(state, name) for name in ups]
        self.ups = nn.ModuleList(_convolution(state, name) for name in ups)
        self.conv_hr = _convolution(state, "conv_hr")
        self.conv_last = _convolution(state, "conv_last")
        self.scale = self.factors[0] ** len(ups)
        self.radius = 1 + 2 * len(blocks) + len(ups) + 2

    def forward(self, low: Tensor) -> Tensor:
        features = leaky_relu(self.conv_first(low), 0.1)
        for block in self.body:
            layers: Any = block
            features = features + layers["conv2"](relu(layers["conv1"](features)))
        for layer, factor in zip(self.ups, self.factors, strict=True):
            features = leaky_relu(pixel_shuffle(layer(features), factor), 0.1)
        detail: Tensor = self.conv_last(leaky_relu(self.conv_hr(features), 0.1))
        return detail + interpolate(low, scale_factor=float(self.scale), mode="bilinear", align_corners=False)


def _convolution(state: Mapping[str, Tensor], name: str) -> nn.Conv2d:
    weight = state[f"{name}.weight"]
    layer = nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[-1], padding=weight.shape[-1] // 2)
    layer.load_state_dict({"weight": weight, "bias": state[f"{name}.bias"]})
    return layer
