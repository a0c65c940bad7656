"""The reference's ResNet generator: one flat sequence, whose numbers tell the depth.

`model.1` 7x7 · `model.4`, `.7` down · `model.N.conv_block.{1, 5}`, with dropout `.{1, 6}` · as many up · 7x7; each norm
stands one number after its convolution. CUT's has a blur, `.filt`, of 3 px after each convolution down and of 4 px
before each one up, and the numbers move on by one for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from torch import Tensor

from img2img.config.networks.translators import ResnetSpec

from .norm import norm_of

FILTER = ".filt"
"""What ends the key of a blur, which learns nothing."""
_BLOCK = re.compile(r"model\.(\d+)\.conv_block\.")


def fits(state: Mapping[str, Tensor]) -> bool:
    """Whether these are the tensors of such a generator."""
    return any(_BLOCK.match(key) for key in state)


def describe(state: Mapping[str, Tensor], running_stats: bool) -> ResnetSpec:
    """The spec that keys and shapes tell. Raises KeyError, IndexError or ValueError where they do not fit together."""
    blocks = {int(match[1]) for key in state if (match := _BLOCK.match(key))}
    antialias = _blurs(state, 3, range(min(blocks)))
    enlarged = _blurs(state, 4, range(max(blocks) + 1, 2**16))
    last = max(int(key.split(".")[1]) for key in state)
    # A dropout between a block's convolutions moves the second one from 5 to 6, where else a norm would be.
    sixth = state.get(f"model.{min(blocks)}.conv_block.6.weight")
    width, channels = state["model.1.weight"].shape[:2]
    return ResnetSpec(
        input_channels=channels,
        output_channels=state[f"model.{last}.weight"].shape[0],
        width=width,
        blocks=len(blocks),
        downsamplings=(min(blocks) - 4) // (4 if antialias else 3),
        norm=norm_of(state, convolution="model.1", norm="model.2", running_stats=running_stats),
        dropout=0.5 if sixth is not None and sixth.dim() == 4 else 0.0,  # the reference knows no other rate
        upsample="bilinear-zeros" if enlarged else "deconv",
        antialias=antialias,
    )


def modules(spec: ResnetSpec) -> Iterator[tuple[str, str]]:
    """(theirs, ours) for every convolution and norm, in the order of the forward pass."""
    yield from pair("model", 1, "enter")
    place, stage = 4, 4 if spec.antialias else 3
    for level in range(spec.downsamplings):
        yield from pair("model", place + stage * level, f"down.{level}")
    place += stage * spec.downsamplings
    for block in range(spec.blocks):
        yield from pair(f"model.{place + block}.conv_block", 1, f"blocks.{block}.first")
        yield from pair(f"model.{place + block}.conv_block", 6 if spec.dropout else 5, f"blocks.{block}.second")
    place += spec.blocks
    blurred = spec.upsample != "deconv"
    stage = 4 if blurred else 3
    for level in range(spec.downsamplings):
        yield from pair("model", place + stage * level + blurred, f"up.{level}")
    place += stage * spec.downsamplings
    yield f"model.{place + 1}", "leave"


def _blurs(state: Mapping[str, Tensor], side: int, places: range) -> bool:
    """Whether there are blurs at these places. Raises ValueError for one of another width."""
    sides = {
        tuple(tensor.shape[2:])
        for key, tensor in state.items()
        if key.endswith(FILTER) and int(key.split(".")[1]) in places
    }
    if sides and sides != {(side, side)}:
        raise ValueError(f"blurs of {sides}, not of {side} px")
    return bool(sides)


def pair(theirs: str, number: int, ours: str) -> Iterator[tuple[str, str]]:
    """A convolution and its norm: (theirs, ours) for each."""
    yield f"{theirs}.{number}", f"{ours}.0"
    yield f"{theirs}.{number + 1}", f"{ours}.1"
