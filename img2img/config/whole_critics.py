"""Specs of the critics that see a picture of one size whole, and may know its class or read something off it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .specs import SizeNeeds, Spec

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
    """Where it hears the class: beside the picture (arXiv:1411.1784), or in the score, as the features' projection on a
    vector of that class (arXiv:1802.05637, equation 3)."""
    readout: int = Field(0, ge=0)
    """Outputs of one more linear head on the features, which read something off a picture: its class (ACGAN), its codes
    (InfoGAN); 0: no such head."""
    norm: WholeNorm = "batch"

    @property
    def needs(self) -> SizeNeeds:
        """One size and no other."""
        return SizeNeeds(multiple_of=self.size, minimum=self.size, maximum=self.size, exact_tiling=False)


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
