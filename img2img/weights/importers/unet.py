"""The reference's U-Net generator: blocks nested in one another, whose nesting tells the depth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from torch import Tensor

from img2img.config.networks import UNetSpec

from .norm import norm_of


class Layout:
    """Outermost `model.model.{0, 1, 3}`: convolution, block, deconvolution. Each block `.model.{1, 2, 3, 5, 6}`:
    convolution, norm, block, deconvolution, norm; the innermost `.model.{1, 3, 4}`, without a block and first norm."""

    @staticmethod
    def fits(state: Mapping[str, Tensor]) -> bool:
        return "model.model.1.model.1.weight" in state

    @staticmethod
    def spec(state: Mapping[str, Tensor], *, running_stats: bool) -> UNetSpec:
        levels = 2
        while f"{_block(levels)}.1.weight" in state:
            levels += 1
        width, channels = state["model.model.0.weight"].shape[:2]
        return UNetSpec(
            input_channels=channels,
            output_channels=state["model.model.3.weight"].shape[1],
            width=width,
            levels=levels,
            norm=norm_of(
                state, convolution="model.model.0", norm=f"{_block(levels - 1)}.4", running_stats=running_stats
            ),
            dropout=0.5,  # it leaves no trace in the keys; the reference's own rate, which only --noise feels
            upsample="deconv",
        )

    @staticmethod
    def modules(spec: UNetSpec) -> Iterator[tuple[str, str]]:
        """Their modules and ours, from the outermost level to the innermost."""
        innermost = spec.levels - 1
        yield "model.model.0", "encoder.0.0"
        yield "model.model.3", f"decoder.{innermost}.1"
        for level in range(1, spec.levels):
            block, up = _block(level), f"decoder.{innermost - level}"
            yield f"{block}.1", f"encoder.{level}.0"
            if level < innermost:
                yield f"{block}.2", f"encoder.{level}.1"
            yield f"{block}.{3 if level == innermost else 5}", f"{up}.1"
            yield f"{block}.{4 if level == innermost else 6}", f"{up}.2"


def _block(level: int) -> str:
    return "model.model.1.model" + ".3.model" * (level - 1)
