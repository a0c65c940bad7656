"""The reference's ResNet generator: one flat sequence, whose numbers tell the depth."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from torch import Tensor

from img2img.config.networks import ResnetSpec

from .norm import norm_of

_BLOCK = re.compile(r"model\.(\d+)\.conv_block\.(\d+)\.")


class Layout:
    """`model.1` 7x7 · `model.4`, `.7` down · `model.N.conv_block.{1, 5}`, or {1, 6} with dropout · up · 7x7."""

    @staticmethod
    def fits(state: Mapping[str, Tensor]) -> bool:
        return any(_BLOCK.match(key) for key in state)

    @staticmethod
    def spec(state: Mapping[str, Tensor], *, running_stats: bool) -> ResnetSpec:
        places = [(int(match[1]), int(match[2])) for key in state if (match := _BLOCK.match(key))]
        blocks = {block for block, _ in places}
        width, channels = state["model.1.weight"].shape[:2]
        last = max(int(key.split(".")[1]) for key in state)
        return ResnetSpec(
            input_channels=channels,
            output_channels=state[f"model.{last}.weight"].shape[0],
            width=width,
            blocks=len(blocks),
            downsamplings=(min(blocks) - 4) // 3,
            norm=norm_of(state, convolution="model.1", norm="model.2", running_stats=running_stats),
            # A dropout between the convolutions moves the second one from 5 to 6; the reference's rate is always 0.5.
            dropout=0.5 if any(f"model.{min(blocks)}.conv_block.6.weight" == key and _is_kernel(state[key]) for key in state) else 0.0,
            upsample="deconv",
        )

    @staticmethod
    def modules(spec: ResnetSpec) -> Iterator[tuple[str, str]]:
        """Their modules and ours, convolution and norm, in the order of the forward pass."""
        yield from _pair("model", 1, "enter")
        first = 4 + 3 * spec.downsamplings
        for level in range(spec.downsamplings):
            yield from _pair("model", 4 + 3 * level, f"down.{level}")
        for block in range(spec.blocks):
            yield from _pair(f"model.{first + block}.conv_block", 1, f"blocks.{block}.first")
            yield from _pair(f"model.{first + block}.conv_block", 6 if spec.dropout else 5, f"blocks.{block}.second")
        first += spec.blocks
        for level in range(spec.downsamplings):
            yield from _pair("model", first + 3 * level, f"up.{level}")
        yield f"model.{first + 3 * spec.downsamplings + 1}", "leave"


def _pair(theirs: str, number: int, ours: str) -> Iterator[tuple[str, str]]:
    """A convolution and the norm after it."""
    yield f"{theirs}.{number}", f"{ours}.0"
    yield f"{theirs}.{number + 1}", f"{ours}.1"


def _is_kernel(tensor: Tensor) -> bool:
    return tensor.dim() == 4
