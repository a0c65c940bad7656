"""Specs of the critics of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from .spec import CriticNorm, SizeNeeds, Spec, choices


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
    antialias: bool = False
    """Halve by a convolution at stride 1 and a blur at stride 2 (arXiv:1904.11486), as CUT does."""

    @property
    def receptive_field(self) -> int | None:
        """Side of the patch that one score sees, px: 1, 16, 34, 70, 142, 286 for 0 to 5 layers without blur."""
        if self.layers == 0:
            return 1
        # From the score back to the picture: sides of the kernels, and strides.
        halving = [(3, 2), (4, 1)] if self.antialias else [(4, 2)]
        field = 1
        for kernel, stride in [(4, 1), (4, 1), *halving * self.layers]:
            field = (field - 1) * stride + kernel
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


class SRGANCriticSpec(Spec):
    """The discriminator of SRGAN (arXiv:1609.04802, figure 4): one score for a picture."""

    choice: ClassVar[str] = "srgan"
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

    choice: ClassVar[str] = "unet"
    network: Literal["unet-critic"] = "unet-critic"
    input_channels: int = Field(3, ge=1)
    given_channels: int = Field(0, ge=0)
    width: int = Field(64, ge=1)
    norm: Literal["none", "spectral"] = "spectral"

    @property
    def needs(self) -> SizeNeeds:
        """A multiple of 8: three levels halve."""
        return SizeNeeds(multiple_of=8, minimum=8)


class SNPatchSpec(Spec):
    """SN-PatchGAN (arXiv:1806.03589, section 3.2): spectral norm, and a score for every channel of every position."""

    network: Literal["sn-patch"] = "sn-patch"
    input_channels: int = Field(3, ge=1)
    given_channels: int = Field(1, ge=0)
    """Channels of the conditioning picture, the mask."""
    width: int = Field(64, ge=1)
    layers: int = Field(6, ge=1, le=6)
    """Strided 5x5 convolutions: a score sees 5, 13, 29, 61, 125 or 253 px."""
    norm: Literal["none", "spectral"] = "spectral"


class GlobalLocalSpec(Spec):
    """Global and local critic (Iizuka et al. 2017, "Globally and Locally Consistent Image Completion", section 3.3)."""

    network: Literal["global-local"] = "global-local"
    input_channels: int = Field(3, ge=1)
    given_channels: Literal[1] = 1
    """The mask: it says where the hole is, and both critics see it beside the picture."""
    width: int = Field(64, ge=1)
    layers: int = Field(6, ge=2, le=7)
    """Strided layers of the global critic, one more than of the local one, which sees a window half as wide."""
    norm: CriticNorm = "batch"
    pooled: int = Field(4, ge=1)
    """Side of the maps before the dense layers. 4 is what the paper's 256 px leave; other sizes are averaged to it."""

    @property
    def needs(self) -> SizeNeeds:
        """Any size whose half has a pixel."""
        return SizeNeeds(minimum=2, exact_tiling=False)


class ContextCriticSpec(Spec):
    """The critic of the Context Encoder (arXiv:1604.07379, section 3.2), after DCGAN's (arXiv:1511.06434)."""

    choice: ClassVar[str] = "context"
    network: Literal["context-critic"] = "context-critic"
    input_channels: int = Field(3, ge=1)
    given_channels: int = Field(1, ge=0)
    """Channels of the conditioning picture, the mask; 0, as in the paper: not conditioned."""
    width: int = Field(64, ge=1)
    layers: int = Field(5, ge=1, le=7)
    """Halvings before the last 4x4 convolution: 5 leave one score of 128 px, 4 of 64 px."""
    norm: CriticNorm = "batch"

    @property
    def needs(self) -> SizeNeeds:
        """The smallest side that gives one score."""
        return SizeNeeds(minimum=4 * 2**self.layers)


class StridedSpec(Spec):
    """The critic of MUNIT (arXiv:1804.04732, appendix B.1): strided convolutions, and a score of each place left."""

    network: Literal["strided"] = "strided"
    input_channels: int = Field(3, ge=1)
    width: int = Field(64, ge=1)
    layers: int = Field(4, ge=1, le=7)
    norm: CriticNorm = "none"

    @property
    def receptive_field(self) -> int | None:
        """Side of the patch that one score sees, px: 4, 10, 22, 46, ... for 1, 2, 3, 4, ... layers."""
        return 3 * 2**self.layers - 2

    @property
    def needs(self) -> SizeNeeds:
        """The smallest side that leaves a score, and 2 px for the last reflection."""
        return SizeNeeds(minimum=2**self.layers)


class DomainCriticSpec(Spec):
    """The critic of StarGAN (arXiv:1711.09020, table 5): scores of patches, and the domain of the whole picture."""

    initial_std: ClassVar[float] = 0.0
    """As the network draws them: He's."""

    network: Literal["domain-critic"] = "domain-critic"
    input_channels: int = Field(3, ge=1)
    size: int = Field(128, ge=2)
    """Side of the pictures, px."""
    readout: int = Field(2, ge=1)
    """Domains that it tells apart."""
    width: int = Field(64, ge=1)
    layers: int = Field(6, ge=1, le=8)
    """Strided 4x4 convolutions, each with twice as many channels as the one before."""
    norm: Literal["none", "spectral"] = "none"

    @classmethod
    def for_size(cls, size: int) -> dict[str, Any]:
        """The paper's six layers, which leave 2 px of its 128; fewer where they would leave less."""
        return {"layers": min(6, max(1, size.bit_length() - 2))}

    @property
    def needs(self) -> SizeNeeds:
        """One size, which the layers halve to whole pixels: the last map is read in one piece."""
        step = 2**self.layers
        return SizeNeeds(multiple_of=step, minimum=step, maximum=max(self.size, step), exact_tiling=False)


UpscalerCriticSpec = UNetCriticSpec | SRGANCriticSpec | PatchSpec
InpainterCriticSpec = SNPatchSpec | GlobalLocalSpec | ContextCriticSpec | UNetCriticSpec | PatchSpec
PictureCriticSpec = UpscalerCriticSpec | InpainterCriticSpec | AutoencoderSpec | DomainCriticSpec | StridedSpec

if TYPE_CHECKING:
    UpscalerCriticName = str
    InpainterCriticName = str
else:
    UpscalerCriticName = choices(UpscalerCriticSpec)
    InpainterCriticName = choices(InpainterCriticSpec)
