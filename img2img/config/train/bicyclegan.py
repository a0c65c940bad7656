"""Everything `img2img train bicyclegan` can be told (arXiv:1711.11586)."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from img2img.config.base import Config, Refusal, Section
from img2img.config.networks.critics import PatchSpec
from img2img.config.networks.encoders import ResidualEncoderSpec
from img2img.config.networks.prior import Prior
from img2img.config.networks.spec import CriticNorm, Norm, Upsample, spec_from_options
from img2img.config.networks.told_translators import BicycleSpec
from img2img.config.sections.data import PairedData
from img2img.config.sections.objective import Adversarial, GameName
from img2img.config.sections.run import Optimisation, Run


class BicycleganNetworks(Section):
    """networks"""

    fixed: ClassVar[frozenset[str]] = frozenset(
        {"width", "levels", "latent", "norm", "upsample", "encoder_width", "encoder_halvings"}
        | {"critics", "critic_width", "critic_layers", "critic_norm"}
    )

    width: int = Field(64, ge=1, le=2**16)
    """Channels of the generator's first layer."""
    levels: int | None = Field(None, ge=2, le=12)
    """Halvings of the U-Net [default: down to one pixel, at most 8]."""
    latent: int = Field(8, ge=1, le=2**16)
    """Numbers that say which of the possible answers is meant."""
    norm: Norm = "instance"
    """Normalisation of the generator."""
    upsample: Upsample = "bilinear"
    """Convolution after bilinear or (resize) nearest enlargement leaves no checkerboard; deconv is the paper's."""
    encoder_width: int = Field(64, ge=1, le=2**16)
    """Channels of the encoder's first layer."""
    encoder_halvings: int | None = Field(None, ge=2, le=10)
    """Halvings of the encoder [default: as many as leave 8 px, from 2 to 5]."""
    critics: int = Field(2, ge=1, le=4)
    """Critics of each kind of fake, each sees pictures half as fine as the one before, and has half its channels."""
    critic_width: int = Field(64, ge=1, le=2**16)
    """Channels of the first layer of the finest critic."""
    critic_layers: int = Field(3, ge=0, le=5)
    """Strided layers of the PatchGANs, 0 to 5: a receptive field of 1, 16, 34, 70, 142 or 286 px."""
    critic_norm: CriticNorm = "instance"
    """Normalisation of the critics; none or spectral suit gradient penalties."""

    @property
    def prior_spec(self) -> Prior:
        """What latents are drawn from: always normal, as the codes are drawn towards it."""
        return Prior(noise=self.latent)

    def generator_spec(self, size: int, inputs: int, outputs: int) -> BicycleSpec:
        """The generator for pictures of `size` px with these channels."""
        shape = {"input_channels": inputs, "output_channels": outputs, "latent": self.latent, "width": self.width}
        asked = {} if self.levels is None else {"levels": self.levels}
        own = {"norm": self.norm, "upsample": self.upsample}
        return spec_from_options(BicycleSpec, "", BicycleSpec.for_size(size) | asked | shape | own)

    def encoder_spec(self, size: int, channels: int) -> ResidualEncoderSpec:
        """The encoder of such pictures, which reads means of codes, and their log variances."""
        shape = {"input_channels": channels, "codes": 2 * self.latent, "width": self.encoder_width}
        asked = {} if self.encoder_halvings is None else {"halvings": self.encoder_halvings}
        return spec_from_options(ResidualEncoderSpec, "encoder-", ResidualEncoderSpec.for_size(size) | asked | shape)

    def critic_specs(self, channels: int, *, energy: bool) -> list[PatchSpec]:
        """The critics of one kind of fake, the finest first. Raises Refusal for a game of energies."""
        if energy:
            raise Refusal("--game began, ebgan: they play with an autoencoder's energy; here every other game does")
        widths = [max(1, self.critic_width // 2**level) for level in range(self.critics)]
        return [
            PatchSpec(input_channels=channels, width=width, layers=self.critic_layers, norm=self.critic_norm)
            for width in widths
        ]


class BicycleganObjective(Adversarial):
    """objective"""

    game: GameName = "lsgan"
    """The game: which losses the critics and the generator minimise, with their penalties."""
    l1: float = Field(10.0, ge=0)
    """Weight of the L1 distance between a target and what is made of its own code."""
    divergence: float = Field(0.01, ge=0)
    """Weight of the KL divergence of the codes from the prior, nats a picture."""
    recovery: float = Field(0.5, ge=0)
    """Weight of the L1 distance between a drawn latent and the code of the picture made of it, which the generator
    alone feels."""


class BicycleganConfig(Config):
    """Options of `img2img train bicyclegan`."""

    data: PairedData = PairedData()
    networks: BicycleganNetworks = BicycleganNetworks()
    objective: BicycleganObjective = BicycleganObjective()
    optimisation: Optimisation = Optimisation()
    run: Run = Run()

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        # Section 4; the number of epochs is that of the authors' script for edges to shoes.
        "paper": {
            "data": {"size": 256, "load_size": 286, "fit": "stretch"},
            "networks": {"upsample": "deconv"},
            "optimisation": {"ema": 0.0},
            "run": {"epochs": 60, "precision": "fp32"},
        },
        # Small enough for two CPU cores.
        "quick": {
            "data": {"size": 64},
            "networks": {"width": 24, "encoder_width": 24, "critic_width": 24, "critic_layers": 2},
            "optimisation": {"batch_size": 4, "ema": 0.99},
            "run": {"steps": 2000, "sample_every": 250},
        },
    }
