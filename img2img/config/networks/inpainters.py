"""Specs of the inpainters: networks on a picture with a hole, whose last input channel is the mask, 1 = hole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from .spec import SizeNeeds, Spec, Upsample, choices


class MaskedSpec(Spec):
    """What all of them have."""

    @property
    def predictions(self) -> int:
        """Predictions of one pass, coarse ones before the final one."""
        return 1


class ContextEncoderSpec(MaskedSpec):
    """The Context Encoder (arXiv:1604.07379, figure 9a), which fills pictures of one size, all of a picture at once."""

    network: Literal["context-encoder"] = "context-encoder"
    channels: int = Field(3, ge=1)
    """Channels of the picture; the mask is one more."""
    size: Literal[16, 32, 64, 128, 256, 512] = 128
    """Side of the pictures, px: halved until 4 px are left."""
    width: int = Field(64, ge=1)
    bottleneck: int | None = Field(None, ge=1)
    """Units that see the whole picture: 4000 in the paper's figure, 100 in its code. None: the channel-wise fully
    connected layer of section 3.1, with 0.4 million weights, not 66 of 4000 units."""
    norm: Literal["none", "batch"] = "batch"
    upsample: Upsample = "bilinear"

    @classmethod
    def for_size(cls, size: int) -> dict[str, Any]:
        """That size alone."""
        return {"size": size}

    @property
    def needs(self) -> SizeNeeds:
        """One size and no other: the bottleneck's weights belong to places."""
        return SizeNeeds(multiple_of=self.size, minimum=self.size, maximum=self.size, exact_tiling=False)

    @property
    def smallest_batch(self) -> int:
        """Two where the batch alone has the statistics: the units of the bottleneck are one value a picture each."""
        return 2 if self.bottleneck and self.norm == "batch" else 1


class GatedSpec(MaskedSpec):
    """Gated convolutions in two stages, coarse and refined, of DeepFill v2 (arXiv:1806.03589, section 3)."""

    network: Literal["gated"] = "gated"
    channels: int = Field(3, ge=1)
    """Channels of the picture; the mask is one more."""
    width: int = Field(48, ge=4, multiple_of=4)
    """Channels of the first convolution, features and gates together, as its code counts."""
    stages: Literal[1, 2] = 2
    """1: the coarse network alone."""
    attention: bool = True
    """Contextual attention (arXiv:1801.07892, section 4.1) in a branch of the second stage."""

    @property
    def predictions(self) -> int:
        """One of each stage."""
        return self.stages

    @property
    def needs(self) -> SizeNeeds:
        """A multiple of 4, and of 8 for the attention, which compares at half of the coarsest scale and sees all.

        Without it a stage reaches 3 px at full size on the way down, 4 on the way up, 2 and 3 at half the size, and at
        a quarter 34 = 4 + 2 + 4 + 8 + 16.
        """
        if self.stages == 2 and self.attention:
            return SizeNeeds(multiple_of=8, minimum=8, exact_tiling=False)
        reach = 3 + 4 + 2 * (2 + 3) + 4 * 34
        # From where a second stage reaches furthest, the first reaches a pixel less: that depends on the place in 4 px.
        return SizeNeeds(multiple_of=4, minimum=4, radius=reach if self.stages == 1 else 2 * reach - 1)


class LightInpaintSpec(MaskedSpec):
    """For CPUs: residual blocks at an eighth of the size, whose picture is added to a smooth fill.

    Forward and backward of 8 pictures of 128 px take 0.40 s of one core in fp32 and 0.23 s in bf16 (an EPYC with
    AVX-512), without noise 0.34 and 0.21 s; one of 1024 px is filled in 1.3 and 0.7 s, without noise 1.2 and 0.6 s.
    """

    choice: ClassVar[str] = "light"
    network: Literal["light-inpaint"] = "light-inpaint"
    channels: int = Field(3, ge=1)
    """Channels of the picture; the mask is one more."""
    width: int = Field(64, ge=2, multiple_of=2)
    """Channels at a quarter of the size; half as many at half, twice as many at an eighth."""
    blocks: int = Field(6, ge=1)
    slope: float = Field(0.0, ge=0, lt=1)
    """Of the activations below zero. 0, ReLU, is what files from before this field have: the last one can die, and
    nothing is learnt from then on."""
    noise: bool = False
    """Noise in the hole, as one plane more, and bilinear doublings, which draw no lattice. Files from before this field
    have neither: what a critic asked for became a weave."""

    @property
    def needs(self) -> SizeNeeds:
        """A multiple of 8; the smooth fill sees the whole picture."""
        return SizeNeeds(multiple_of=8, minimum=8, exact_tiling=False)


InpainterSpec = GatedSpec | LightInpaintSpec | ContextEncoderSpec

if TYPE_CHECKING:
    InpainterName = str
else:
    InpainterName = choices(InpainterSpec)
