"""Specs: frozen, torch-free descriptions from which `img2img.networks.build` makes a network.

A spec also knows what arithmetic alone can tell: the picture sizes that its network accepts, and how far it sees.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .critics import (
    AutoencoderSpec,
    ContextCriticSpec,
    GlobalLocalSpec,
    PatchSpec,
    SNPatchSpec,
    SRGANCriticSpec,
    UNetCriticSpec,
)
from .inpainters import ContextEncoderSpec, GatedSpec, InpainterSpec, LightInpaintSpec
from .samplers import (
    DCGANSpec,
    InfoGANSpec,
    LapganSpec,
    MLPGeneratorSpec,
    NoiseGeneratorSpec,
    ProgressiveSpec,
    SAGANSpec,
    SamplerSpec,
    SNDCGANSpec,
    SNGANSpec,
    StyleGANSpec,
)
from .spec import CriticNorm, Norm, SizeNeeds, Spec, Upsample
from .upscalers import LightHead, LightSRSpec, RRDBSpec, SRResNetSpec, UpscalerSpec
from .whole_critics import (
    DCGANCriticSpec,
    InfoGANCriticSpec,
    MaxoutSpec,
    ProgressiveCriticSpec,
    SAGANCriticSpec,
    SNDCGANCriticSpec,
    SNGANCriticSpec,
    StyleGANCriticSpec,
    WholeCriticSpec,
    WholeNorm,
)

__all__ = [
    "AnySpec",
    "AutoencoderMLPSpec",
    "AutoencoderSpec",
    "ContextCriticSpec",
    "ContextEncoderSpec",
    "CriticNorm",
    "CriticSpec",
    "DCGANCriticSpec",
    "DCGANSpec",
    "GatedSpec",
    "GeneratorSpec",
    "GlobalLocalSpec",
    "InfoGANCriticSpec",
    "InfoGANSpec",
    "InpainterSpec",
    "LapganSpec",
    "LightHead",
    "LightInpaintSpec",
    "LightSRSpec",
    "MLPGeneratorSpec",
    "MLPSpec",
    "MaxoutSpec",
    "NoiseGeneratorSpec",
    "Norm",
    "PatchSpec",
    "ProgressiveCriticSpec",
    "ProgressiveSpec",
    "RRDBSpec",
    "ResnetSpec",
    "SAGANCriticSpec",
    "SAGANSpec",
    "SNDCGANCriticSpec",
    "SNDCGANSpec",
    "SNGANCriticSpec",
    "SNGANSpec",
    "SNPatchSpec",
    "SRGANCriticSpec",
    "SRResNetSpec",
    "SamplerSpec",
    "SizeNeeds",
    "Spec",
    "StyleGANCriticSpec",
    "StyleGANSpec",
    "UNetCriticSpec",
    "UNetSpec",
    "Upsample",
    "UpscalerSpec",
    "WholeCriticSpec",
    "WholeNorm",
]


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
CriticSpec = (
    PatchSpec
    | SRGANCriticSpec
    | UNetCriticSpec
    | SNPatchSpec
    | GlobalLocalSpec
    | ContextCriticSpec
    | AutoencoderSpec
    | MLPSpec
    | AutoencoderMLPSpec
    | MaxoutSpec
    | InfoGANCriticSpec
    | DCGANCriticSpec
    | SNDCGANCriticSpec
    | SNGANCriticSpec
    | SAGANCriticSpec
    | StyleGANCriticSpec
    | ProgressiveCriticSpec
)
AnySpec = Annotated[
    UNetSpec
    | ResnetSpec
    | SRResNetSpec
    | RRDBSpec
    | LightSRSpec
    | ContextEncoderSpec
    | GatedSpec
    | LightInpaintSpec
    | PatchSpec
    | SRGANCriticSpec
    | UNetCriticSpec
    | SNPatchSpec
    | GlobalLocalSpec
    | ContextCriticSpec
    | AutoencoderSpec
    | MLPSpec
    | AutoencoderMLPSpec
    | MLPGeneratorSpec
    | InfoGANSpec
    | DCGANSpec
    | MaxoutSpec
    | InfoGANCriticSpec
    | DCGANCriticSpec
    | SNDCGANSpec
    | SNDCGANCriticSpec
    | SNGANSpec
    | SNGANCriticSpec
    | SAGANSpec
    | SAGANCriticSpec
    | StyleGANSpec
    | StyleGANCriticSpec
    | LapganSpec
    | ProgressiveSpec
    | ProgressiveCriticSpec,
    Field(discriminator="network"),
]
