"""Specs of the generators from noise: a latent in, a picture of one size out."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from .spec import SizeNeeds, Spec

REAL = "real"
"""Name of the picture itself among those that critics judge."""


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
    def critic_sides(self) -> dict[str, int]:
        """Which pictures a critic each judges in training, and their sides, px."""
        return {REAL: self.size}

    @property
    def needs(self) -> SizeNeeds:
        """One size and no other."""
        return SizeNeeds(multiple_of=self.size, minimum=self.size, maximum=self.size, exact_tiling=False)


class PlainGeneratorSpec(NoiseGeneratorSpec):
    """Layers one after another, with noise between them where it is asked for."""

    layer_noise: float = Field(0.0, ge=0, le=10)
    """Standard deviation of the noise on the hidden layers' activations in training."""


class MLPGeneratorSpec(PlainGeneratorSpec):
    """Dense layers, as in the first GAN (arXiv:1406.2661, section 5); the widths are those of its MNIST settings."""

    network: Literal["mlp-generator"] = "mlp-generator"
    width: int = Field(1200, ge=1)
    hidden_layers: int = Field(2, ge=1)


class InfoGANSpec(PlainGeneratorSpec):
    """The generator of InfoGAN (arXiv:1606.03657, appendix C.1), which the large-scale study trains by every game
    (arXiv:1711.10337): two dense layers, two doublings."""

    network: Literal["infogan"] = "infogan"
    size: int = Field(28, ge=4, multiple_of=4)
    """Side of the pictures, px."""
    width: int = Field(64, ge=1)
    """Channels at half the size; a quarter has twice as many, and the first, dense layer sixteen times: 1024."""


class DCGANSpec(PlainGeneratorSpec):
    """The generator of DCGAN (arXiv:1511.06434, figure 1) for 28, 32, 64 or 128 px; the paper's has width 128."""

    network: Literal["dcgan"] = "dcgan"
    latent: int = Field(100, ge=1)
    """Numbers that a picture is made from, codes with a meaning (InfoGAN) among them."""
    size: Literal[28, 32, 64, 128] = 64
    """Side of the pictures, px."""
    width: int = Field(64, ge=1)
    """Channels at half the size; each halving has twice as many."""


class SNDCGANSpec(PlainGeneratorSpec):
    """The generator of the spectral normalisation paper without residuals (arXiv:1802.05957, table 3)."""

    network: Literal["sndcgan"] = "sndcgan"
    latent: int = Field(128, ge=1)
    """Numbers that a picture is made from, codes with a meaning (InfoGAN) among them."""
    size: int = Field(32, ge=8, multiple_of=8)
    """Side of the pictures, px."""
    width: int = Field(64, ge=1)
    """Channels at the full size; each of three halvings has twice as many."""


class DoublingSpec(NoiseGeneratorSpec):
    """A map of 4 px that is doubled up to the size."""

    latent: int = Field(128, ge=1)
    """Numbers that a picture is made from, codes with a meaning (InfoGAN) among them."""
    size: Literal[8, 16, 32, 64, 128, 256] = 64
    """Side of the pictures, px."""
    width: int = Field(32, ge=1)
    """Channels at the full size."""
    growth: int = Field(3, ge=0, le=6)
    """Halvings over which the channels double."""

    @property
    def widths(self) -> list[int]:
        """Channels of the map of 4 px, and after every doubling."""
        doublings = (self.size // 4).bit_length() - 1
        return [self.width * 2 ** min(level, self.growth) for level in reversed(range(doublings + 1))]


class ResidualGeneratorSpec(DoublingSpec):
    """Residual blocks; as given table 4 of arXiv:1802.05957 to 32 px, table 6 above."""

    initial_std: ClassVar[float] = 0.0
    """Glorot's, as its layers draw them."""

    width: int = Field(default_factory=lambda given: 64 if given.get("size", 0) > 32 else 256, ge=1)
    """Channels at the full size [default: 256, above 32 px 64]."""
    growth: int = Field(default_factory=lambda given: 4 if given.get("size", 0) > 32 else 0, ge=0, le=6)
    """Halvings over which the channels double [default: 0, above 32 px 4]."""


class SNGANSpec(ResidualGeneratorSpec):
    """The residual generator of SNGAN (arXiv:1802.05957, tables 4 and 6); its batch norms know the class."""

    network: Literal["sngan"] = "sngan"
    size: Literal[8, 16, 32, 64, 128, 256] = 32
    """Side of the pictures, px."""
    norm: Literal["none", "spectral"] = "none"
    """Of the weights."""


class SAGANSpec(ResidualGeneratorSpec):
    """The generator of SAGAN (arXiv:1805.08318): SNGAN's with self-attention and spectral norm."""

    network: Literal["sagan"] = "sagan"
    norm: Literal["none", "spectral"] = "spectral"
    """Of the weights."""
    attention: int = Field(default_factory=lambda given: max(8, min(given.get("size", 64) // 2, 32)), ge=8)
    """Side of the maps that the attention looks across, px [default: 32, where the paper is best; up to 32 px half the
    size]."""

    @field_validator("attention")
    @classmethod
    def _on_a_map_that_there_is(cls, attention: int, info: ValidationInfo) -> int:
        sides = [side for side in (8, 16, 32, 64, 128, 256) if side <= info.data.get("size", attention)]
        if attention not in sides:
            raise ValueError(f"the maps have sides of {', '.join(map(str, sides))} px")
        return attention


class StyleGANSpec(DoublingSpec):
    """A style-based generator as in StyleGAN2 (arXiv:1912.04958), small: the paper's has 512 channels."""

    network: Literal["stylegan"] = "stylegan"
    style: int = Field(128, ge=1)
    """Numbers of a style."""
    mapping_layers: int = Field(4, ge=1, le=16)
    """Dense layers from the latent to the style; 8 in the paper."""
    mixing: float = Field(0.9, ge=0, le=1)
    """Share of the pictures in training whose finer layers have a style of their own."""


class LapganSpec(NoiseGeneratorSpec):
    """LAPGAN (arXiv:1506.05751): a small picture from noise, then details for each doubling, each with its critic."""

    network: Literal["lapgan"] = "lapgan"
    latent: int = Field(128, ge=1)
    """Numbers that a picture is made from, each link of the chain by its share of them."""
    size: Literal[16, 32, 64, 128, 256] = 32
    """Side of the pictures, px."""
    width: int = Field(64, ge=1)
    """Channels of the convolutions; the dense layers of the smallest picture have sixteen times as many units."""

    @property
    def sides(self) -> list[int]:
        """Sides of the pictures of the chain, px: 8 is the smallest."""
        return [side for side in (8, 16, 32, 64, 128, 256) if side <= self.size]

    @property
    def critic_sides(self) -> dict[str, int]:
        """A critic for each side."""
        return {f"px{side}": side for side in self.sides}

    @field_validator("size")
    @classmethod
    def _noise_for_every_link(cls, size: int, info: ValidationInfo) -> int:
        links = (size // 8).bit_length()
        if info.data.get("latent", links) < links:
            raise ValueError(
                f"its chain has {links} links, and --latent {info.data['latent']} numbers cannot serve all"
            )
        return size


class ProgressiveSpec(DoublingSpec):
    """The progressively grown generator (arXiv:1710.10196, table 2), small: the paper's has 512 channels."""

    network: Literal["progressive"] = "progressive"


SamplerSpec = (
    MLPGeneratorSpec
    | InfoGANSpec
    | DCGANSpec
    | SNDCGANSpec
    | SNGANSpec
    | SAGANSpec
    | StyleGANSpec
    | LapganSpec
    | ProgressiveSpec
)


def halvings(size: int) -> int:
    """How often a side can be halved until 4 to 7 px are left: 28 and 32 px are 2 and 3 times, 64 px are 4."""
    times = 0
    while size % 2 == 0 and size >= 8:
        size, times = size // 2, times + 1
    return times
