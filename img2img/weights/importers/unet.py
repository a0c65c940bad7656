"""The reference's U-Net generator: blocks inside one another, whose nesting tells the depth.

Outermost `model.model.{0, 1, 3}`: convolution, block, deconvolution. A block `.model.{1, 2, 3, 5, 6}`: convolution,
norm, block, deconvolution, norm. The innermost `.model.{1, 3, 4}`: convolution, deconvolution, norm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from torch import Tensor

from img2img.config.networks.translators import UNetSpec

from .norm import norm_of


def fits(state: Mapping[str, Tensor]) -> bool:
    """Whether these are the tensors of such a generator."""
    return f"{_block(1)}.1.weight" in state


def describe(state: Mapping[str, Tensor], running_stats: bool) -> UNetSpec:
    """The spec that keys and shapes tell. Raises KeyError, IndexError or ValueError where they do not fit together."""
    levels = 2
    while f"{_block(levels)}.1.weight" in state:
        levels += 1
    width, channels = state["model.model.0.weight"].shape[:2]
    innermost = _block(levels - 1)
    return UNetSpec(
        input_channels=channels,
        output_channels=state["model.model.3.weight"].shape[1],
        width=width,
        levels=levels,
        norm=norm_of(state, convolution="model.model.0", norm=f"{innermost}.4", running_stats=running_stats),
        dropout=0.5,  # it leaves no trace in the keys; this is the reference's rate, and only noise feels it
        upsample="deconv",
    )


def modules(spec: UNetSpec) -> Iterator[tuple[str, str]]:
    """(theirs, ours) for every convolution and norm, from the outermost level to the innermost."""
    innermost = spec.levels - 1
    yield "model.model.0", "encoder.0.0"
    yield "model.model.3", f"decoder.{innermost}.1"
    for level in range(1, innermost):
        block, up = _block(level), f"decoder.{innermost - level}"
        yield f"{block}.1", f"encoder.{level}.0"
        yield f"{block}.2", f"encoder.{level}.1"
        yield f"{block}.5", f"{up}.1"
        yield f"{block}.6", f"{up}.2"
    block = _block(innermost)
    yield f"{block}.1", f"encoder.{innermost}.0"
    yield f"{block}.3", "decoder.0.1"
    yield f"{block}.4", "decoder.0.2"


def _block(level: int) -> str:
    return "model.model.1.model" + ".3.model" * (level - 1)
