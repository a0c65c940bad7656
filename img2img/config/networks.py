"""Specs: frozen, torch-free descriptions from which `img2img.networks.build` makes a network.

A spec also knows what arithmetic alone can tell: the picture sizes that its network accepts, and how far it sees.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .base import Frozen

Norm = Literal["none", "instance", "batch", "batch-stat"]
"""instance: no affine. batch: running statistics at apply time. batch-stat: affine, and always the picture's own
statistics, which is what a BatchNorm does that was trained and is applied at batch size 1 (pix2pix)."""

CriticNorm = Literal["none", "instance", "batch", "batch-stat", "spectral"]
Upsample = Literal["deconv", "resize", "bilinear"]
"""deconv: the papers' stride-2 transposed convolution. resize: nearest neighbour, then a 3x3 convolution, which leaves
no checkerboard (Odena et al. 2016). bilinear: the same after bilinear enlargement, which leaves no stripes either where
many doublings follow each other, as in a U-Net."""


class SizeNeeds(Frozen):
    """Which pictures a network takes, so that the engine can pad, tile and crop without knowing the network."""

    multiple_of: int = 1
    """Height and width must be a multiple of this, px."""
    minimum: int = 1
    """Smallest height and width, px."""
    radius: int | None = None
    """How far an output pixel sees, px; None: the whole picture."""
    exact_tiling: bool = True
    """Whether tiles give what the whole picture gives. False where a norm takes statistics of the whole picture."""


class Spec(Frozen):
    """A network's description. `needs` is what it asks of a picture."""

    @property
    def needs(self) -> SizeNeeds:
        """Any size will do, unless a spec says otherwise."""
        return SizeNeeds()


class UNetSpec(Spec):
    """The U-Net generator of pix2pix (arXiv:1611.07004, section 6.1.1). levels=8 is the paper's for 256 px."""

    network: Literal["unet"] = "unet"
    input_channels: int = Field(3, ge=1)
    output_channels: int = Field(3, ge=1)
    width: int = Field(64, ge=1)
    levels: int = Field(8, ge=2, le=12)
    norm: Norm = "batch-stat"
    dropout: float = Field(0.5, ge=0, lt=1)
    upsample: Upsample = "bilinear"

    @property
    def needs(self) -> SizeNeeds:
        """A multiple of 2^levels: each level halves."""
        side = 2**self.levels
        return SizeNeeds(multiple_of=side, minimum=side, radius=None, exact_tiling=False)


class ResnetSpec(Spec):
    """The residual generator of CycleGAN (arXiv:1703.10593, appendix 7.2), after Johnson et al."""

    network: Literal["resnet"] = "resnet"
    input_channels: int = Field(3, ge=1)
    output_channels: int = Field(3, ge=1)
    width: int = Field(64, ge=1)
    blocks: int = Field(9, ge=1)
    downsamplings: int = Field(2, ge=0, le=4)
    norm: Norm = "instance"
    dropout: float = Field(0.0, ge=0, lt=1)
    upsample: Upsample = "resize"

    @property
    def needs(self) -> SizeNeeds:
        """A multiple of 2^downsamplings; the radius counts the two 7x7, the strided and the blocks' convolutions."""
        stride = 2**self.downsamplings
        down = stride - 1  # 1 px at each finer scale: 1 + 2 + 4 + ...
        # To one side, a 3x3 after nearest neighbour reaches 2 px of its output, after bilinear 3.
        up = down * {"deconv": 1, "resize": 2, "bilinear": 3}[self.upsample]
        radius = 3 + down + 2 * self.blocks * stride + up + 3
        exact = self.norm in ("none", "batch")
        # Reflection by 3 px at the borders, and by 1 px at the coarsest scale, needs 2 px there.
        return SizeNeeds(multiple_of=stride, minimum=max(4, 2 * stride), radius=radius, exact_tiling=exact)


class PatchSpec(Spec):
    """PatchGAN discriminator (arXiv:1611.07004, section 6.1.2). layers=3 is 70x70; layers=0 is the 1x1 PixelGAN."""

    network: Literal["patch"] = "patch"
    input_channels: int = Field(3, ge=1)
    given_channels: int = Field(0, ge=0)
    """Channels of the conditioning picture, concatenated before the first layer; 0: unconditional."""
    width: int = Field(64, ge=1)
    layers: int = Field(3, ge=0, le=5)
    norm: CriticNorm = "instance"
    minibatch: Literal["none", "std", "discrimination"] = "none"
    """Statistics across the batch, against mode collapse: standard deviation (arXiv:1710.10196, section 3) or learnt
    distances (arXiv:1606.03498, section 3.2)."""

    @property
    def receptive_field(self) -> int:
        """Side of the patch that one score sees, px: 1, 16, 34, 70, 142, 286 for 0 to 5 layers."""
        if self.layers == 0:
            return 1
        field = 1
        for stride in (1, 1, *[2] * self.layers):  # from the score back to the picture, 4x4 kernels
            field = (field - 1) * stride + 4
        return field

    @property
    def needs(self) -> SizeNeeds:
        """The smallest side that still gives one score."""
        side = 1
        if self.layers:
            side = 3  # two 4x4 stride-1 convolutions with 1 px padding take 1 px each
            for _ in range(self.layers):
                side *= 2
        return SizeNeeds(minimum=side)


class AutoencoderSpec(Spec):
    """Energy critic on pictures: s = -mean |x - AE(x)|^exponent (EBGAN arXiv:1609.03126; BEGAN arXiv:1703.10717)."""

    network: Literal["autoencoder"] = "autoencoder"
    input_channels: int = Field(3, ge=1)
    given_channels: int = Field(0, ge=0)
    width: int = Field(64, ge=1)
    layers: int = Field(3, ge=1, le=6)
    """Halvings between picture and code."""
    code: int = Field(64, ge=1)
    """Channels of the code."""
    exponent: Literal[1, 2] = 2

    @property
    def needs(self) -> SizeNeeds:
        """A multiple of 2^layers; one energy for the whole picture."""
        return SizeNeeds(multiple_of=2**self.layers, minimum=2**self.layers, exact_tiling=False)


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
    """For CPUs: a few residual blocks at low resolution, whose pixel shuffle is added to bicubic upsampling.

    48 channels suit a CPU: a 3x3 convolution ran at 110 GFLOP/s on a core, with 32 channels at 70, with 64 at 126."""

    network: Literal["light-sr"] = "light-sr"
    input_channels: int = Field(3, ge=1)
    output_channels: int = Field(3, ge=1)
    scale: Literal[2, 3, 4] = 4
    width: int = Field(48, ge=1)
    blocks: int = Field(8, ge=1)

    @property
    def needs(self) -> SizeNeeds:
        """The radius counts the convolutions alone: they see farther than the 2 px of bicubic."""
        return SizeNeeds(radius=1 + 2 * self.blocks + 1)


class SRGANCriticSpec(Spec):
    """The discriminator of SRGAN (arXiv:1609.04802, figure 4): one score for a picture."""

    network: Literal["srgan-critic"] = "srgan-critic"
    input_channels: int = Field(3, ge=1)
    given_channels: int = Field(0, ge=0)
    width: int = Field(64, ge=1)
    norm: CriticNorm = "batch"
    pooled: int = Field(6, ge=1)
    """Side of the map before the dense layers. 6 is what the paper's 96 px leave; other sizes are averaged to it."""

    @property
    def needs(self) -> SizeNeeds:
        """At least the 16 px that four halvings take."""
        return SizeNeeds(minimum=16, exact_tiling=False)


class UNetCriticSpec(Spec):
    """U-Net discriminator with spectral norm: a score for every pixel (arXiv:2107.10833, section 3.4)."""

    network: Literal["unet-critic"] = "unet-critic"
    input_channels: int = Field(3, ge=1)
    given_channels: int = Field(0, ge=0)
    width: int = Field(64, ge=1)
    norm: Literal["none", "spectral"] = "spectral"

    @property
    def needs(self) -> SizeNeeds:
        """A multiple of 8: three levels halve."""
        return SizeNeeds(multiple_of=8, minimum=8)


class MLPSpec(Spec):
    """Fully connected network on vectors (N, inputs) -> (N, outputs): the toy problems' generator and critic."""

    network: Literal["mlp"] = "mlp"
    inputs: int = Field(2, ge=1)
    outputs: int = Field(1, ge=1)
    width: int = Field(128, ge=1)
    hidden_layers: int = Field(3, ge=1)
    norm: Literal["none", "spectral", "batch"] = "none"
    minibatch: Literal["none", "std", "discrimination"] = "none"


class AutoencoderMLPSpec(Spec):
    """Energy critic on vectors: s = -|x - AE(x)|^exponent (EBGAN arXiv:1609.03126; BEGAN arXiv:1703.10717)."""

    network: Literal["autoencoder-mlp"] = "autoencoder-mlp"
    inputs: int = Field(2, ge=1)
    code: int = Field(2, ge=1)
    width: int = Field(128, ge=1)
    hidden_layers: int = Field(2, ge=1)
    exponent: Literal[1, 2] = 2


GeneratorSpec = Annotated[UNetSpec | ResnetSpec, Field(discriminator="network")]
UpscalerSpec = SRResNetSpec | RRDBSpec | LightSRSpec
CriticSpec = PatchSpec | SRGANCriticSpec | UNetCriticSpec | AutoencoderSpec | MLPSpec | AutoencoderMLPSpec
AnySpec = Annotated[
    UNetSpec
    | ResnetSpec
    | SRResNetSpec
    | RRDBSpec
    | LightSRSpec
    | PatchSpec
    | SRGANCriticSpec
    | UNetCriticSpec
    | AutoencoderSpec
    | MLPSpec
    | AutoencoderMLPSpec,
    Field(discriminator="network"),
]


def _reach_through(factors: list[int], *, before: int = 0, after: int = 0, reach: int) -> int:
    """How far, in px of the low resolution, something reaches that reaches so many px of the high one.

    factors: of the upsamplings, each with convolutions that reach `before` px before and `after` px after it.
    """
    for factor in reversed(factors):
        reach = -(-(reach + after) // factor) + before
    return reach
