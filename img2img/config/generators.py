"""Specs of the generators from noise: a latent in, a picture of one size out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .specs import SizeNeeds, Spec


class NoiseGeneratorSpec(Spec):
    """What every generator from noise has; each adds its `network` and its widths."""

    latent: int = Field(64, ge=1)
    """Numbers that a picture is made from, codes with a meaning (InfoGAN) among them."""
    channels: int = Field(3, ge=1)
    """Of the pictures."""
    size: int = Field(32, ge=1)
    """Side of the pictures, px."""
    classes: int = Field(0, ge=0)
    """Classes that the generator can be told to draw; 0: unconditional."""

    @property
    def needs(self) -> SizeNeeds:
        """One size and no other."""
        return SizeNeeds(multiple_of=self.size, minimum=self.size, maximum=self.size, exact_tiling=False)


class MLPGeneratorSpec(NoiseGeneratorSpec):
    """Dense layers, as in the first GAN (arXiv:1406.2661, section 5); the widths are those of its MNIST settings."""

    network: Literal["mlp-generator"] = "mlp-generator"
    width: int = Field(1200, ge=1)
    hidden_layers: int = Field(2, ge=1)


class InfoGANSpec(NoiseGeneratorSpec):
    """The generator of InfoGAN (arXiv:1606.03657, appendix C.1), which the large-scale study trains by every game
    (arXiv:1711.10337): two dense layers, two doublings."""

    network: Literal["infogan"] = "infogan"
    size: int = Field(28, ge=4, multiple_of=4)
    """Side of the pictures, px."""
    width: int = Field(64, ge=1)
    """Channels at half the size; a quarter has twice as many, and the first, dense layer sixteen times: 1024."""


class DCGANSpec(NoiseGeneratorSpec):
    """The generator of DCGAN (arXiv:1511.06434, figure 1) for 28, 32, 64 or 128 px; the paper's has width 128."""

    network: Literal["dcgan"] = "dcgan"
    latent: int = Field(100, ge=1)
    """Numbers that a picture is made from, codes with a meaning (InfoGAN) among them."""
    size: Literal[28, 32, 64, 128] = 64
    """Side of the pictures, px."""
    width: int = Field(64, ge=1)
    """Channels at half the size; each halving has twice as many."""


SamplerSpec = MLPGeneratorSpec | InfoGANSpec | DCGANSpec


def halvings(size: int) -> int:
    """How often a side can be halved until 4 to 7 px are left: 28 and 32 px are 2 and 3 times, 64 px are 4."""
    times = 0
    while size % 2 == 0 and size >= 8:
        size, times = size // 2, times + 1
    return times
