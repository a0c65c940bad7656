"""Everything `img2img train munit` can be told (arXiv:1804.04732)."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from img2img.config.base import Config
from img2img.config.networks.content import MunitSpec
from img2img.config.networks.encoders import StyleEncoderSpec
from img2img.config.networks.prior import Prior
from img2img.config.networks.spec import spec_from_options
from img2img.config.sections.data import UnpairedData
from img2img.config.sections.run import Run

from .content import PAPER_OPTIMISATION, ContentNetworks, ContentObjective, ContentOptimisation


class MunitNetworks(ContentNetworks):
    """networks"""

    fixed: ClassVar[frozenset[str]] = ContentNetworks.fixed | {"latent", "dense", "encoder_width", "encoder_halvings"}

    latent: int = Field(8, ge=1, le=2**16)
    """Numbers of a style."""
    dense: int = Field(256, ge=1, le=2**16)
    """Width of the dense layers between a style and the decoder's norms."""
    encoder_width: int = Field(64, ge=1, le=2**16)
    """Channels of the style encoders' first layer."""
    encoder_halvings: int = Field(4, ge=1, le=10)
    """Halvings of the style encoders."""

    @property
    def prior_spec(self) -> Prior:
        """What styles are drawn from."""
        return Prior(noise=self.latent)

    def generator_spec(self, size: int, inputs: int, outputs: int) -> MunitSpec:
        """The generator of one way, between pictures with these channels."""
        return spec_from_options(
            MunitSpec, "", self.shape(inputs, outputs) | {"latent": self.latent, "dense": self.dense}
        )

    def encoder_spec(self, channels: int) -> StyleEncoderSpec:
        """The encoder of a domain's styles."""
        shape = {"input_channels": channels, "codes": self.latent}
        sizes = {"width": self.encoder_width, "halvings": self.encoder_halvings}
        return spec_from_options(StyleEncoderSpec, "encoder-", shape | sizes)


class MunitObjective(ContentObjective):
    """objective"""

    rebuilding: float = Field(10.0, ge=0)
    """Weight of the L1 distance between a picture and what is made of its own content and style."""
    content: float = Field(1.0, ge=0)
    """Weight of the L1 distance between a content and that of the translation that was made of it."""
    style: float = Field(1.0, ge=0)
    """Weight of the L1 distance between a drawn style and that of the translation that was made in it."""
    cycle: float = Field(0.0, ge=0)
    """Weight of the L1 distance between a picture and what comes back of its translation in its own style."""


class MunitConfig(Config):
    """Options of `img2img train munit`."""

    data: UnpairedData = UnpairedData()
    networks: MunitNetworks = MunitNetworks()
    objective: MunitObjective = MunitObjective()
    optimisation: ContentOptimisation = ContentOptimisation()
    run: Run = Run()

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        # Appendix B.
        "paper": {
            "data": {"size": 256, "load_size": 256},
            "optimisation": PAPER_OPTIMISATION,
            "run": {"steps": 1_000_000, "precision": "fp32"},
        },
        # Small enough for two CPU cores.
        "quick": {
            "data": {"size": 64},
            "networks": {
                "width": 16, "blocks": 2, "dense": 64, "encoder_width": 16,
                "critics": 2, "critic_width": 16, "critic_layers": 3,
            },
            "optimisation": {"batch_size": 2, "lr": 2e-4, "ema": 0.99},
            "run": {"steps": 2000, "sample_every": 250},
        },
    }  # fmt: skip
