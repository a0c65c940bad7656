"""Specs of the encoders that read numbers, a style, off pictures of any size."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from .spec import SizeNeeds, Spec


class ReadingSpec(Spec):
    """What all of them have."""

    input_channels: int = Field(3, ge=1)
    codes: int = Field(8, ge=1)
    """Numbers that are read off a picture."""
    width: int = Field(64, ge=1)
    """Channels of the first layer."""
    halvings: int = Field(4, ge=1, le=10)

    @property
    def needs(self) -> SizeNeeds:
        """Any size that can be halved so often; the mean over what is left is taken."""
        side = 2**self.halvings
        return SizeNeeds(multiple_of=side, minimum=side, radius=None, exact_tiling=False)


class ResidualEncoderSpec(ReadingSpec):
    """The residual encoder of BicycleGAN (arXiv:1711.11586, section 4): a convolution and blocks, all halve."""

    network: Literal["residual-encoder"] = "residual-encoder"
    halvings: int = Field(5, ge=2, le=10)
    """The convolution and the blocks; five at 256 px, which leave 8."""

    @classmethod
    def for_size(cls, size: int) -> dict[str, Any]:
        """As many as leave 8 px, and at least two."""
        return {"halvings": max(2, min(5, (size // 8).bit_length() - 1))}


class StyleEncoderSpec(ReadingSpec):
    """The style encoder of MUNIT (arXiv:1804.04732, appendix B.1), without norms, which would take the style away."""

    initial_std: ClassVar[float] = 0.0
    """As the network draws them: He's, as in the authors' code."""

    network: Literal["style-encoder"] = "style-encoder"


EncoderSpec = ResidualEncoderSpec | StyleEncoderSpec
