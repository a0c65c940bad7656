"""Specs of the critics that play against generators from noise, in the papers' pairs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from .specs import SizeNeeds, Spec


class GanCriticSpec(Spec):
    """What these critics share: one score for a picture, and labels as one-hot vectors (N, given_channels)."""

    input_channels: int = Field(3, ge=1)
    given_channels: int = Field(0, ge=0)
    """Classes of the label that a picture is judged next to, by projection (arXiv:1802.05637); 0: unconditional."""


class SNDCGANCriticSpec(GanCriticSpec):
    """The critic of the spectral normalisation paper without residuals (arXiv:1802.05957, table 3)."""

    network: Literal["sndcgan-critic"] = "sndcgan-critic"
    size: int = Field(32, ge=8, multiple_of=8)
    """Side of the pictures, px: the last layer sees the whole map."""
    width: int = Field(64, ge=1)
    norm: Literal["none", "spectral"] = "spectral"

    @property
    def needs(self) -> SizeNeeds:
        """One size alone."""
        return SizeNeeds(multiple_of=self.size, minimum=self.size, maximum=self.size, exact_tiling=False)


class ResidualCriticSpec(GanCriticSpec):
    """Residual blocks that halve the picture, then blocks that do not, and the sum over the map."""

    width: int = Field(128, ge=1)
    """Channels of the first block; each further one has twice as many."""
    widest: int = Field(128, ge=1)
    """Most channels of a block."""
    layers: int = Field(2, ge=1, le=7)
    """Blocks that halve the picture."""
    flat: int = Field(2, ge=0, le=8)
    """Blocks after them, which do not."""
    norm: Literal["none", "spectral"] = "spectral"

    @property
    def widths(self) -> list[int]:
        """Channels of every block, from the picture on."""
        return [min(self.width * 2**level, self.widest) for level in range(self.layers + self.flat)]

    @property
    def needs(self) -> SizeNeeds:
        """A multiple of 2^layers: averages of 2x2 px."""
        return SizeNeeds(multiple_of=2**self.layers, minimum=2**self.layers, exact_tiling=False)


class SNGANCriticSpec(ResidualCriticSpec):
    """The residual critic of SNGAN (arXiv:1802.05957, tables 4 to 6), with its label by projection.

    As given it is table 4's for 32 px. Table 6's for 128 px has width 64, widest 1024, 5 layers and 1 flat block.
    """

    network: Literal["sngan-critic"] = "sngan-critic"


class SAGANCriticSpec(ResidualCriticSpec):
    """The critic of SAGAN (arXiv:1805.08318): SNGAN's with self-attention. As given for 64 px."""

    network: Literal["sagan-critic"] = "sagan-critic"
    width: int = Field(64, ge=1)
    """Channels of the first block; each further one has twice as many."""
    widest: int = Field(1024, ge=1)
    """Most channels of a block."""
    layers: int = Field(4, ge=1, le=7)
    """Blocks that halve the picture."""
    flat: int = Field(1, ge=0, le=8)
    """Blocks after them, which do not."""
    attention: int = Field(1, ge=1, le=7)
    """Halvings before the attention. The paper does best with it on maps of 32 px (its table 1)."""

    @field_validator("attention")
    @classmethod
    def _on_a_map_that_there_is(cls, attention: int, info: ValidationInfo) -> int:
        if attention > info.data.get("layers", attention):
            raise ValueError(f"the critic halves {info.data['layers']} times only")
        return attention
