"""Specs of the translators that are told something beside the picture: which domain, or which style."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from .spec import Norm, SizeNeeds, Spec, Upsample
from .translators import UNetSpec


class StarGANSpec(Spec):
    """The generator of StarGAN (arXiv:1711.09020, table 4), which is told the domain as planes beside the picture."""

    initial_std: ClassVar[float] = 0.0
    """The authors' code leaves the weights as torch draws them."""

    network: Literal["stargan"] = "stargan"
    input_channels: int = Field(3, ge=1)
    output_channels: int = Field(3, ge=1)
    classes: int = Field(2, ge=2)
    """Domains that it can be told to translate to."""
    width: int = Field(64, ge=1)
    blocks: int = Field(6, ge=0)
    upsample: Upsample = "deconv"

    @property
    def needs(self) -> SizeNeeds:
        """A multiple of 4: two layers halve. The norms take their statistics of the whole picture."""
        return SizeNeeds(multiple_of=4, minimum=8, radius=None, exact_tiling=False)


class BicycleSpec(Spec):
    """The U-Net generator of BicycleGAN (arXiv:1711.11586, section 4), which is told a latent in every level."""

    network: Literal["bicycle"] = "bicycle"
    input_channels: int = Field(3, ge=1)
    output_channels: int = Field(3, ge=1)
    latent: int = Field(8, ge=1)
    """Numbers of the latent."""
    width: int = Field(64, ge=1)
    levels: int = Field(8, ge=2, le=12)
    norm: Norm = "instance"
    upsample: Upsample = "bilinear"

    @classmethod
    def for_size(cls, size: int) -> dict[str, Any]:
        """As pix2pix's."""
        return UNetSpec.for_size(size)

    @property
    def needs(self) -> SizeNeeds:
        """A multiple of 2^levels: each level halves."""
        side = 2**self.levels
        return SizeNeeds(multiple_of=side, minimum=side, radius=None, exact_tiling=False)


ToldTranslatorSpec = StarGANSpec | BicycleSpec
