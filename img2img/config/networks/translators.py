"""Specs of the generators from one domain of pictures to another, of the same size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from .spec import Norm, SizeNeeds, Spec, Upsample, choices

PICTURE = "picture"
"""What a generator is given, among its activations."""


class FromPictures(Spec):
    """What the generators from pictures share: what they are given, and what they make of it."""

    input_channels: int = Field(3, ge=1)
    output_channels: int = Field(3, ge=1)
    labels: int = Field(0, ge=0, le=256)
    """Labels of the label maps that it takes, which come as pictures: grey is the label; 0: it takes photos."""
    instances: bool = False
    """Whether the maps come in colour, red being the label, and green and blue the number of the instance."""

    @property
    def planes(self) -> int:
        """Channels of what the first layer sees."""
        return self.labels + self.instances if self.labels else self.input_channels


class UNetSpec(FromPictures):
    """The U-Net generator of pix2pix (arXiv:1611.07004, section 6.1.1). levels=8 is the paper's for 256 px."""

    network: Literal["unet"] = "unet"
    width: int = Field(64, ge=1)
    levels: int = Field(8, ge=2, le=12)
    norm: Norm = "batch-stat"
    dropout: float = Field(0.5, ge=0, lt=1)
    layer_noise: float = Field(0.0, ge=0, le=10)
    """Standard deviation of the noise on the activations of the way up."""
    upsample: Upsample = "bilinear"

    @classmethod
    def for_size(cls, size: int) -> dict[str, Any]:
        """As many levels as `size` can be halved, at most 8: the paper's goes from 256 px down to 1."""
        halvings = 0
        while halvings < 8 and size % 2 ** (halvings + 1) == 0:
            halvings += 1
        return {"levels": max(halvings, 2)}

    @property
    def needs(self) -> SizeNeeds:
        """A multiple of 2^levels: each level halves."""
        side = 2**self.levels
        return SizeNeeds(multiple_of=side, minimum=side, radius=None, exact_tiling=False)

    @property
    def activations(self) -> dict[str, int]:
        """What `Translator.activations` finds, with its channels: the picture, and each level of the way down."""
        levels = {f"down{level + 1}": self.width * min(2**level, 8) for level in range(self.levels)}
        return {PICTURE: self.planes, **levels}

    @property
    def compared(self) -> tuple[str, ...]:
        """Those of them by which patches are told apart where nobody says otherwise: the five finest."""
        return tuple(self.activations)[: min(5, self.levels)]


class ResnetSpec(FromPictures):
    """The residual generator of CycleGAN (arXiv:1703.10593, appendix 7.2), after Johnson et al."""

    network: Literal["resnet"] = "resnet"
    width: int = Field(64, ge=1)
    blocks: int = Field(9, ge=1)
    downsamplings: int = Field(2, ge=0, le=4)
    norm: Norm = "instance"
    dropout: float = Field(0.0, ge=0, lt=1)
    layer_noise: float = Field(0.0, ge=0, le=10)
    """Standard deviation of the noise on the activations within residual blocks."""
    upsample: Upsample = "resize"
    antialias: bool = False
    """Halve by a convolution at stride 1 and a blur at stride 2 (arXiv:1904.11486), as CUT does."""

    @classmethod
    def for_size(cls, size: int) -> dict[str, Any]:
        """9 blocks from 256 px on, else 6, as in the paper."""
        return {"blocks": 9 if size >= 256 else 6}

    @property
    def needs(self) -> SizeNeeds:
        """A multiple of 2^downsamplings; the radius counts the two 7x7, the strided and the blocks' convolutions."""
        stride = 2**self.downsamplings
        finer = stride - 1  # 1 px at each finer scale: 1 + 2 + 4 + ...
        down = finer * (2 if self.antialias else 1)
        # To one side, a 3x3 after nearest neighbour reaches 2 px of its output, after bilinear 3.
        up = finer * {"deconv": 1, "resize": 2, "bilinear": 3, "bilinear-zeros": 3}[self.upsample]
        radius = 3 + down + 2 * self.blocks * stride + up + 3
        exact = self.norm in ("none", "batch")
        # Reflection by 3 px at the borders, and by 1 px at the coarsest scale, needs 2 px there.
        return SizeNeeds(multiple_of=stride, minimum=max(4, 2 * stride), radius=radius, exact_tiling=exact)

    @property
    def activations(self) -> dict[str, int]:
        """What `Translator.activations` finds, with its channels: the picture, each halving's convolution before its
        norm, each block."""
        halvings = {f"down{level}": self.width * 2**level for level in range(1, self.downsamplings + 1)}
        blocks = {f"block{number}": self.width * 2**self.downsamplings for number in range(1, self.blocks + 1)}
        return {PICTURE: self.planes, **halvings, **blocks}

    @property
    def compared(self) -> tuple[str, ...]:
        """Those of them by which patches are told apart where nobody says otherwise: CUT's (arXiv:2007.15651, appendix
        C), the picture, the halvings, the first block and the fifth."""
        blocks = dict.fromkeys((1, min(5, self.blocks)))
        halvings = (f"down{level}" for level in range(1, self.downsamplings + 1))
        return (PICTURE, *halvings, *(f"block{number}" for number in blocks))


class EnhancerSpec(FromPictures):
    """The local enhancer of pix2pixHD around a coarse generator (arXiv:1711.11585, section 3.1)."""

    network: Literal["enhancer"] = "enhancer"
    width: int = Field(32, ge=1)
    blocks: int = Field(9, ge=1)
    """Residual blocks of the coarse generator."""
    downsamplings: int = Field(4, ge=1, le=4)
    """Halvings of the coarse generator, which begins at half of the resolution."""
    local_blocks: int = Field(3, ge=1)
    """Residual blocks of the enhancer, at half of the resolution."""
    norm: Norm = "instance"
    dropout: float = Field(0.0, ge=0, lt=1)
    upsample: Upsample = "resize"
    coarse_alone: bool = False
    """Whether what is around the coarse generator has yet to learn: the picture is then that one's, enlarged."""

    @classmethod
    def for_size(cls, size: int) -> dict[str, Any]:
        """The paper's four halvings from 256 px on, else as many as leave the coarse generator 8 px: each of them
        doubles the channels, and at 64 px four would make 183 million weights for 2 x 2 px. Blocks as of a resnet.
        """
        halvings = 1
        while halvings < 4 and size % 2 ** (halvings + 2) == 0 and size >= 8 * 2 ** (halvings + 2):
            halvings += 1
        return {"downsamplings": halvings} | ResnetSpec.for_size(size)

    @property
    def coarse(self) -> ResnetSpec:
        """The coarse generator: it is given what the enhancer has read, at half the size."""
        return ResnetSpec(
            input_channels=self.planes,
            output_channels=self.output_channels,
            width=2 * self.width,
            blocks=self.blocks,
            downsamplings=self.downsamplings,
            norm=self.norm,
            dropout=self.dropout,
            upsample=self.upsample,
        )

    @property
    def needs(self) -> SizeNeeds:
        """Twice what the coarse generator needs."""
        coarse = self.coarse.needs
        return SizeNeeds(
            multiple_of=2 * coarse.multiple_of, minimum=2 * coarse.minimum, exact_tiling=coarse.exact_tiling
        )

    @property
    def activations(self) -> dict[str, int]:
        """What `Translator.activations` finds, with its channels: of the enhancer alone."""
        blocks = {f"block{number}": 2 * self.width for number in range(1, self.local_blocks + 1)}
        return {PICTURE: self.planes, "down1": 2 * self.width, **blocks}

    @property
    def compared(self) -> tuple[str, ...]:
        """Those of them by which patches are told apart where nobody says otherwise: all."""
        return tuple(self.activations)


TranslatorSpec = UNetSpec | ResnetSpec | EnhancerSpec

if TYPE_CHECKING:
    TranslatorName = str
else:
    TranslatorName = choices(TranslatorSpec)
