"""Everything `img2img train vae` can be told: variational autoencoders (arXiv:1312.6114), which play no game."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from .base import Config, Overrides, Section
from .gan import SIZES, GanData, GanOptimisation, GanRun
from .generators import SamplerSpec
from .latents import Prior
from .making import made
from .pairs import PAIRS, NetworkName, PairedCriticSpec
from .whole_critics import WholeNorm


class VaeNetworks(Section):
    """networks"""

    fixed: ClassVar[frozenset[str]] = frozenset({"network", "width", "latent", "encoder_width", "encoder_norm"})

    network: NetworkName = "infogan"
    """The decoder, one of the generators of `train gan`; the encoder is the critic that belongs to it."""
    width: int | None = Field(None, ge=1)
    """Channels of the decoder, before what its layers multiply them by [default: by the network]."""
    latent: int | None = Field(None, ge=1)
    """Numbers that a picture is made from [default: by the network; 64 to 128]."""
    encoder_width: int | None = Field(None, ge=1)
    """Channels of the encoder's first layer [default: by the network]."""
    encoder_norm: WholeNorm | None = None
    """Normalisation of the encoder [default: by the network]."""

    @property
    def prior_spec(self) -> Prior:
        """What latents are drawn from: always normal, as the codes are drawn towards it."""
        return Prior(noise=self.latent or PAIRS[self.network].generator.model_fields["latent"].default)

    def decoder_spec(self, size: int, channels: int) -> SamplerSpec:
        """The decoder to pictures of `size` px with these channels. Raises Refusal for what it does not take."""
        shape = {"size": size, "channels": channels, "latent": self.prior_spec.size}
        return made(PAIRS[self.network].generator, "", shape | {"width": self.width})

    def encoder_spec(self, size: int, channels: int) -> PairedCriticSpec:
        """The encoder: it reads means and log variances off a picture. Raises Refusal for what it does not take."""
        shape: dict[str, Any] = {"size": size, "input_channels": channels, "readout": 2 * self.prior_spec.size}
        shape |= {"width": self.encoder_width, "norm": self.encoder_norm}
        return made(PAIRS[self.network].critic, "encoder-", shape)


class VaeObjective(Section):
    """objective"""

    fixed: ClassVar[frozenset[str]] = frozenset({"likelihood"})

    likelihood: Literal["cross-entropy", "learned-gamma"] = "cross-entropy"
    """How pictures vary about the decoder's: each value a coin with that mean, or a Gaussian whose one variance is
    learnt."""
    beta: float = Field(1.0, ge=0)
    """Weight of the codes' divergence from the prior; above 1 it untangles them (beta-VAE)."""


class VaeConfig(Config):
    """Options of `img2img train vae`."""

    data: GanData = GanData()
    networks: VaeNetworks = VaeNetworks()
    objective: VaeObjective = VaeObjective()
    optimisation: GanOptimisation = GanOptimisation()
    run: GanRun = GanRun()

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        # arXiv:1711.10337, by its released code.
        "study": {
            "networks": {"network": "infogan", "latent": 64},
            "optimisation": {"lr": 5e-5, "batch_size": 64, "ema": 0.0},
            "run": {"epochs": 20},
        },
        # Small enough for two CPU cores.
        "quick": {
            "networks": {"width": 16, "encoder_width": 16, "latent": 32},
            "optimisation": {"lr": 1e-3, "ema": 0.99},
            "run": {"steps": 2000, "sample_every": 500},
        },
    }

    @classmethod
    def starting_point(cls, preset: str | None, asked: Overrides) -> Overrides:
        """The preset's options, and the size of a standard set."""
        rows = super().starting_point(preset, asked)
        dataset = asked.get("data", {}).get("dataset")
        return {"data": {"size": SIZES[dataset]}} | rows if dataset in SIZES else rows
