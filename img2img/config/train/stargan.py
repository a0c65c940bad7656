"""Everything `img2img train stargan` can be told (arXiv:1711.09020)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from img2img.config.base import Config, Refusal, Section
from img2img.config.networks.critics import DomainCriticSpec
from img2img.config.networks.spec import Upsample, spec_from_options
from img2img.config.networks.told_translators import StarGANSpec
from img2img.config.sections.data import DomainsData
from img2img.config.sections.objective import Adversarial, GameName
from img2img.config.sections.run import Optimisation, Run


class StarganNetworks(Section):
    """networks"""

    fixed: ClassVar[frozenset[str]] = frozenset(
        {"width", "blocks", "upsample", "critic_width", "critic_layers", "critic_norm"}
    )

    width: int = Field(64, ge=1, le=2**16)
    """Channels of the generator's first layer."""
    blocks: int = Field(6, ge=0, le=2**16)
    """Residual blocks of the generator."""
    upsample: Upsample = "resize"
    """Convolution after bilinear or (resize) nearest enlargement leaves no checkerboard; deconv is the paper's."""
    critic_width: int = Field(64, ge=1, le=2**16)
    """Channels of the critic's first layer; each of the others has twice as many as the one before."""
    critic_layers: int | None = Field(None, ge=1, le=8)
    """Strided layers of the critic [default: those that leave 2 px of a picture, at most 6]."""
    critic_norm: Literal["none", "spectral"] = "none"
    """Normalisation of the critic; both suit gradient penalties."""

    def generator_spec(self, channels: int, classes: int) -> StarGANSpec:
        """The generator for pictures with these channels, to so many domains."""
        shape = {"input_channels": channels, "output_channels": channels, "classes": classes}
        return spec_from_options(
            StarGANSpec, "", shape | {"width": self.width, "blocks": self.blocks, "upsample": self.upsample}
        )

    def critic_spec(self, size: int, channels: int, classes: int, *, energy: bool = False) -> DomainCriticSpec:
        """The critic of pictures of `size` px with these channels, of so many domains.

        Raises Refusal for a game that wants an autoencoder's energy (began, ebgan).
        """
        if energy:
            raise Refusal("--game began, ebgan: they play with an autoencoder's energy; here every other game does")
        shape = {"input_channels": channels, "size": size, "readout": classes, "width": self.critic_width}
        asked = {} if self.critic_layers is None else {"layers": self.critic_layers}
        return spec_from_options(
            DomainCriticSpec, "critic-", DomainCriticSpec.for_size(size) | asked | shape | {"norm": self.critic_norm}
        )


class StarganObjective(Adversarial):
    """objective"""

    game: GameName = "wgan-gp"
    """The game: which losses the critic and the generator minimise, with their penalties."""
    domain: float = Field(1.0, ge=0)
    """Weight of the domain that the critic names: of real pictures in its own loss, of fakes in the generator's."""
    rebuilding: float = Field(10.0, ge=0)
    """Weight of the L1 distance between a picture and what comes back when its fake is translated to its own domain."""


class StarganOptimisation(Optimisation):
    """optimisation"""

    batch_size: int = Field(16, ge=1, le=2**16)
    """Images of one step, on each device."""
    lr: float = Field(1e-4, gt=0, le=100)
    """Learning rate of the generator."""


class StarganConfig(Config):
    """Options of `img2img train stargan`."""

    data: DomainsData = DomainsData()
    networks: StarganNetworks = StarganNetworks()
    objective: StarganObjective = StarganObjective()
    optimisation: StarganOptimisation = StarganOptimisation()
    run: Run = Run()

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        # Section 5.1: CelebA in 10 epochs at a constant rate and 10 that fall to 0.
        "paper": {
            "data": {"size": 128, "load_size": 128},
            "networks": {"upsample": "deconv"},
            "optimisation": {"ema": 0.0},
            "run": {"epochs": 20, "precision": "fp32"},
        },
        # Small enough for two CPU cores.
        "quick": {
            "data": {"size": 64},
            "networks": {"width": 24, "blocks": 3, "critic_width": 24},
            "objective": {"critic_steps": 2},
            "optimisation": {"batch_size": 8, "lr": 2e-4, "ema": 0.99},
            "run": {"steps": 2000, "sample_every": 250},
        },
    }
