"""Specs of the critics that see a picture of one size whole, and may know its class or read something off it."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from .spec import SizeNeeds, Spec

WholeNorm = Literal["none", "batch", "layer", "spectral"]
"""batch mixes samples, which a gradient penalty cannot have; layer (arXiv:1607.06450) and spectral do not."""


class WholeCriticSpec(Spec):
    """What all of them have; each adds its `network` and its widths."""

    input_channels: int = Field(3, ge=1)
    size: int = Field(32, ge=1)
    """Side of the pictures, px."""
    classes: int = Field(0, ge=0)
    """Classes of pictures that the critic is told; 0: none."""
    told: Literal["input", "projection"] = "input"
    """Where the class comes in: as channels beside the picture (arXiv:1411.1784), or in the score, as the projection of
    the features on a vector of that class (arXiv:1802.05637, equation 3)."""
    readout: int = Field(0, ge=0)
    """Outputs of one more linear head on the features, which read something off a picture: its class (ACGAN), its codes
    (InfoGAN); 0: no such head."""
    code: int = Field(0, ge=0)
    """Numbers of a code that it judges a picture together with (arXiv:1605.09782, arXiv:1606.00704); 0: the picture
    alone. Such a critic has neither classes nor a readout."""
    joint: int = Field(256, ge=1)
    """Width of the dense layers that the features and the code go through together."""
    norm: WholeNorm = "batch"
    minibatch: Literal["none", "std", "discrimination"] = "none"
    """Statistics across the batch among what the score is linear in."""

    @property
    def needs(self) -> SizeNeeds:
        """One size and no other."""
        return SizeNeeds(multiple_of=self.size, minimum=self.size, maximum=self.size, exact_tiling=False)

    @field_validator("code")
    @classmethod
    def _one_thing_beside_the_picture(cls, code: int, info: ValidationInfo) -> int:
        if code and (info.data.get("classes") or info.data.get("readout")):
            raise ValueError("a critic that judges a code has neither classes nor a readout")
        return code


class MaxoutSpec(WholeCriticSpec):
    """Dense maxout layers with dropout, as in the first GAN (arXiv:1406.2661, section 5)."""

    network: Literal["maxout"] = "maxout"
    width: int = Field(240, ge=1)
    hidden_layers: int = Field(2, ge=1)
    pieces: int = Field(5, ge=1)
    """Linear pieces, of which a unit is the largest."""
    dropout: float = Field(0.5, ge=0, lt=1)
    """Share of the hidden units left out."""
    norm: WholeNorm = "none"


class InfoGANCriticSpec(WholeCriticSpec):
    """The critic of InfoGAN (arXiv:1606.03657, appendix C.1) and of the large-scale study (arXiv:1711.10337)."""

    network: Literal["infogan-critic"] = "infogan-critic"
    size: int = Field(28, ge=4, multiple_of=4)
    """Side of the pictures, px."""
    width: int = Field(64, ge=1)
    """Channels of the first convolution; the second has twice as many, and the dense layer sixteen times: 1024."""


class DCGANCriticSpec(WholeCriticSpec):
    """The discriminator of DCGAN (arXiv:1511.06434, section 3) for 28, 32, 64 or 128 px."""

    network: Literal["dcgan-critic"] = "dcgan-critic"
    size: Literal[28, 32, 64, 128] = 64
    """Side of the pictures, px."""
    width: int = Field(64, ge=1)
    """Channels of the first convolution; each halving has twice as many."""


class SNDCGANCriticSpec(WholeCriticSpec):
    """The critic of the spectral normalisation paper without residuals (arXiv:1802.05957, table 3)."""

    network: Literal["sndcgan-critic"] = "sndcgan-critic"
    size: int = Field(32, ge=8, multiple_of=8)
    """Side of the pictures, px."""
    width: int = Field(64, ge=1)
    """Channels of the first convolution; each of three halvings has twice as many."""
    norm: WholeNorm = "spectral"


class ResidualCriticSpec(WholeCriticSpec):
    """Residual blocks, those that halve first, and the sum over the last map; as given table 4 of arXiv:1802.05957 to
    32 px, table 6 above."""

    initial_std: ClassVar[float] = 0.0
    """Glorot's, as its layers draw them."""

    size: Literal[8, 16, 32, 64, 128, 256] = 32
    """Side of the pictures, px."""
    width: int = Field(default_factory=lambda given: 64 if given.get("size", 0) > 32 else 128, ge=1)
    """Channels of the first block [default: 128, above 32 px 64]."""
    growth: int = Field(default_factory=lambda given: 4 if given.get("size", 0) > 32 else 0, ge=0, le=6)
    """Blocks over which the channels double [default: 0, above 32 px 4]."""
    halvings: int = Field(default_factory=lambda given: _halvings(given.get("size", 32)), ge=1)
    """Blocks that halve the picture [default: 2, above 32 px as many as leave 4 px]."""
    flat: int = Field(default_factory=lambda given: 1 if given.get("size", 0) > 32 else 2, ge=0, le=8)
    """Blocks after them, which do not [default: 2, above 32 px 1]."""
    told: Literal["input", "projection"] = "projection"
    """Where the class comes in: as channels beside the picture (arXiv:1411.1784), or in the score, as the projection of
    the features on a vector of that class (arXiv:1802.05637, equation 3)."""
    norm: WholeNorm = "spectral"

    @property
    def widths(self) -> list[int]:
        """Channels of every block, from the picture on."""
        return [self.width * 2 ** min(level, self.growth) for level in range(self.halvings + self.flat)]

    @field_validator("halvings")
    @classmethod
    def _to_a_pixel_at_most(cls, halvings: int, info: ValidationInfo) -> int:
        if 2**halvings > info.data.get("size", 2**halvings):
            raise ValueError(
                f"a picture of {info.data['size']} px is one pixel after {info.data['size'].bit_length() - 1} halvings"
            )
        return halvings


class SNGANCriticSpec(ResidualCriticSpec):
    """The residual critic of SNGAN (arXiv:1802.05957, tables 4 and 6), its label by projection (arXiv:1802.05637)."""

    network: Literal["sngan-critic"] = "sngan-critic"


class SAGANCriticSpec(ResidualCriticSpec):
    """The critic of SAGAN (arXiv:1805.08318): SNGAN's with self-attention."""

    network: Literal["sagan-critic"] = "sagan-critic"
    size: Literal[8, 16, 32, 64, 128, 256] = 64
    """Side of the pictures, px."""
    attention: int = Field(default_factory=lambda given: min(given.get("size", 64) // 2, 32), ge=1)
    """Side of the maps that the attention looks across, px [default: 32, where the paper is best; up to 32 px half the
    size]."""

    @field_validator("attention")
    @classmethod
    def _on_a_map_that_there_is(cls, attention: int, info: ValidationInfo) -> int:
        sides = [info.data.get("size", 2) >> level for level in range(1, info.data.get("halvings", 1) + 1)]
        if attention not in sides:
            raise ValueError(f"the maps have sides of {', '.join(map(str, sides))} px")
        return attention


class HalvingCriticSpec(WholeCriticSpec):
    """A map that is halved from the size down to 4 px, and the deviation over the batch."""

    size: Literal[8, 16, 32, 64, 128, 256] = 64
    """Side of the pictures, px."""
    width: int = Field(32, ge=1)
    """Channels at the full size."""
    growth: int = Field(3, ge=0, le=6)
    """Halvings over which the channels double."""
    told: Literal["input", "projection"] = "projection"
    """Where the class comes in: as channels beside the picture (arXiv:1411.1784), or in the score, as the projection of
    the features on a vector of that class (arXiv:1802.05637, equation 3)."""
    norm: Literal["none", "layer"] = "none"

    @property
    def widths(self) -> list[int]:
        """Channels at the full size, and after every halving down to 4 px."""
        halvings = (self.size // 4).bit_length() - 1
        return [self.width * 2 ** min(level, self.growth) for level in range(halvings + 1)]


class StyleGANCriticSpec(HalvingCriticSpec):
    """The residual critic of StyleGAN2 (arXiv:1912.04958, section 4.1)."""

    network: Literal["stylegan-critic"] = "stylegan-critic"


class ProgressiveCriticSpec(HalvingCriticSpec):
    """The progressively grown critic (arXiv:1710.10196, table 2)."""

    network: Literal["progressive-critic"] = "progressive-critic"


PairedCriticSpec = (
    MaxoutSpec
    | InfoGANCriticSpec
    | DCGANCriticSpec
    | SNDCGANCriticSpec
    | SNGANCriticSpec
    | SAGANCriticSpec
    | StyleGANCriticSpec
    | ProgressiveCriticSpec
)
"""Those that a generator from noise is set against (`PAIRS`)."""


def _halvings(size: int) -> int:
    """2 to 32 px, and above as many as leave 4 px."""
    return (size // 4).bit_length() - 1 if size > 32 else 2
