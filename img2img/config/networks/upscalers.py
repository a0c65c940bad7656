"""Specs of the generators of super-resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from .spec import SizeNeeds, Spec, choices

LightHead = Literal["shuffle", "steps"]
"""shuffle: one pixel shuffle makes all pixels of the high resolution. steps: doublings with a convolution each, then
convolutions at the high resolution: what is flat stays flat, and no weave of the shuffle's period can begin there."""


class SRResNetSpec(Spec):
    """The generator of SRGAN (arXiv:1609.04802, figure 4). norm="none" is without its batch norms."""

    network: Literal["srresnet"] = "srresnet"
    input_channels: int = Field(3, ge=1)
    output_channels: int = Field(3, ge=1)
    scale: Literal[2, 3, 4] = 4
    width: int = Field(64, ge=1)
    blocks: int = Field(16, ge=1)
    norm: Literal["none", "batch"] = "batch"

    @property
    def needs(self) -> SizeNeeds:
        """The radius counts the 9x9 ends, the blocks' pairs of convolutions and those before each pixel shuffle."""
        after = _reach_through([2, 2] if self.scale == 4 else [self.scale], before=1, reach=4)
        return SizeNeeds(radius=4 + 2 * self.blocks + 1 + after)


class RRDBSpec(Spec):
    """Residual in residual dense blocks, the generator of ESRGAN (arXiv:1809.00219, section 3.1)."""

    network: Literal["rrdb"] = "rrdb"
    input_channels: int = Field(3, ge=1)
    output_channels: int = Field(3, ge=1)
    scale: Literal[2, 3, 4] = 4
    width: int = Field(64, ge=1)
    growth: int = Field(32, ge=1)
    """Channels that each dense layer adds."""
    blocks: int = Field(23, ge=1)

    @property
    def unshuffled(self) -> int:
        """Side of the squares of the input that become channels, px: x2 is x4 on 2x2 squares (arXiv:2107.10833)."""
        return 2 if self.scale == 2 else 1

    @property
    def needs(self) -> SizeNeeds:
        """Fifteen convolutions a block; x2 wants a multiple of 2, and sees twice as far."""
        after = _reach_through([3] if self.scale == 3 else [2, 2], after=1, reach=2)
        radius = self.unshuffled * (1 + 15 * self.blocks + 1 + after)
        return SizeNeeds(multiple_of=self.unshuffled, minimum=self.unshuffled, radius=radius)


class LightSRSpec(Spec):
    """For CPUs: a few residual blocks at low resolution, enlarged by a head and added to bicubic upsampling.

    48 channels suit a CPU: a 3x3 convolution ran at 110 GFLOP/s on a core, with 32 channels at 70, with 64 at 126."""

    choice: ClassVar[str] = "light"
    network: Literal["light-sr"] = "light-sr"
    input_channels: int = Field(3, ge=1)
    output_channels: int = Field(3, ge=1)
    scale: Literal[1, 2, 3, 4] = 4
    """1 leaves the size as it is: such a network cleans a photo."""
    width: int = Field(48, ge=1)
    blocks: int = Field(8, ge=1)
    head: LightHead = "shuffle"
    """The default is that of files from before there was a choice."""

    @property
    def factors(self) -> list[int]:
        """Of the steps in which the head "steps" enlarges."""
        return {1: [], 2: [2], 3: [3], 4: [2, 2]}[self.scale]

    @property
    def needs(self) -> SizeNeeds:
        """The radius counts the convolutions alone: they see farther than the 2 px of bicubic."""
        head = 1 if self.head == "shuffle" else _reach_through(self.factors, after=1, reach=2 if self.factors else 1)
        return SizeNeeds(radius=1 + 2 * self.blocks + head)


def _reach_through(factors: list[int], *, before: int = 0, after: int = 0, reach: int) -> int:
    """How far, in px of the low resolution, something reaches that reaches so many px of the high one.

    factors: of the upsamplings, each with convolutions that reach `before` px before and `after` px after it.
    """
    for factor in reversed(factors):
        reach = -(-(reach + after) // factor) + before
    return reach


UpscalerSpec = LightSRSpec | SRResNetSpec | RRDBSpec

if TYPE_CHECKING:
    UpscalerName = str
else:
    UpscalerName = choices(UpscalerSpec)
