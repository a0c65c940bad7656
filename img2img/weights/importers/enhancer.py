"""pix2pixHD's local enhancer: the coarse generator without its last convolution, as `model`, and what is around it.

`model1_1.{1, 4}`: 7x7, down · `model1_2.N.conv_block` · up · 7x7; each norm stands one number after its convolution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from img2img.config.networks.translators import EnhancerSpec

from . import resnet
from .norm import norm_of

_BLOCK = re.compile(r"model1_2\.(\d+)\.conv_block\.")
_COARSE_BLOCK = re.compile(r"model\.(\d+)\.conv_block\.")


def fits(state: Mapping[str, Tensor]) -> bool:
    """Whether these are the tensors of such a generator."""
    return "model1_1.1.weight" in state


def describe(state: Mapping[str, Tensor], running_stats: bool) -> EnhancerSpec:
    """The spec that keys and shapes tell. Raises KeyError, IndexError or ValueError where they do not fit together."""
    if "model2_1.1.weight" in state:
        raise ValueError("two enhancers around each other")
    coarse = {int(match[1]) for key in state if (match := _COARSE_BLOCK.match(key))}
    local = {int(match[1]) for key in state if (match := _BLOCK.match(key))}
    width, channels = state["model1_1.1.weight"].shape[:2]
    return EnhancerSpec(
        input_channels=channels,
        output_channels=state[f"model1_2.{max(local) + 5}.weight"].shape[0],
        width=width,
        blocks=len(coarse),
        downsamplings=(min(coarse) - 4) // 3,
        local_blocks=len(local),
        norm=norm_of(state, convolution="model1_1.1", norm="model1_1.2", running_stats=running_stats),
        upsample="deconv",
    )


def modules(spec: EnhancerSpec) -> Iterator[tuple[str, str]]:
    """(theirs, ours) for every convolution and norm, in the order of the forward pass."""
    yield from ((theirs, f"coarse.{ours}") for theirs, ours in resnet.modules(spec.coarse))
    yield from (
        ("model1_1.1", "enter.0"),
        ("model1_1.2", "enter.1"),
        ("model1_1.4", "down"),
        ("model1_1.5", "normed.0"),
    )
    for block in range(spec.local_blocks):
        yield from resnet.pair(f"model1_2.{block}.conv_block", 1, f"blocks.{block}.first")
        yield from resnet.pair(f"model1_2.{block}.conv_block", 5, f"blocks.{block}.second")
    yield from resnet.pair("model1_2", spec.local_blocks, "up")
    yield f"model1_2.{spec.local_blocks + 4}", "leave"


def absent(wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The coarse generator's last convolution, which the file has not and the enhancer does not use: zeros."""
    return {key: torch.zeros_like(tensor) for key, tensor in wanted.items() if key.startswith("coarse.leave.")}
