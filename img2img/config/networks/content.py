"""Specs of the translators that go by way of a content: UNIT, and MUNIT, which adds a style."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .spec import SizeNeeds, Spec


class ContentSpec(Spec):
    """What both have: an encoder of one domain, and a decoder of the other."""

    initial_std: ClassVar[float] = 0.0
    """As the network draws them, which goes by the layer: as torch does, and He's for what makes slopes of a style."""

    input_channels: int = Field(3, ge=1)
    output_channels: int = Field(3, ge=1)
    width: int = Field(64, ge=1)
    downsamplings: int = Field(2, ge=1, le=4)
    blocks: int = Field(4, ge=1)
    """Residual blocks of the encoder, and as many of the decoder."""

    @property
    def content_channels(self) -> int:
        """Of the map that the content is."""
        return int(self.width * 2**self.downsamplings)

    @property
    def needs(self) -> SizeNeeds:
        """A multiple of 2^downsamplings; reflection by 1 px at the coarsest scale needs 2 px there."""
        stride = 2**self.downsamplings
        return SizeNeeds(multiple_of=stride, minimum=2 * stride, radius=None, exact_tiling=False)


class UnitSpec(ContentSpec):
    """One way of UNIT (arXiv:1703.00848): a content that both domains share, and nothing else."""

    network: Literal["unit"] = "unit"


class MunitSpec(ContentSpec):
    """One way of MUNIT (arXiv:1804.04732, appendix B.1): the content of one domain in a style of the other."""

    network: Literal["munit"] = "munit"
    latent: int = Field(8, ge=1)
    """Numbers of the style."""
    dense: int = Field(256, ge=1)
    """Width of the two dense layers that make of a style what the decoder's norms take."""


ContentTranslatorSpec = UnitSpec | MunitSpec
