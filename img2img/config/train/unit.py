"""Everything `img2img train unit` can be told (arXiv:1703.00848)."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from img2img.config.base import Config
from img2img.config.networks.content import UnitSpec
from img2img.config.networks.spec import spec_from_options
from img2img.config.sections.data import UnpairedData
from img2img.config.sections.run import Run

from .content import PAPER_OPTIMISATION, ContentNetworks, ContentObjective, ContentOptimisation


class UnitNetworks(ContentNetworks):
    """networks"""

    fixed: ClassVar[frozenset[str]] = ContentNetworks.fixed | {"shared"}

    shared: int = Field(1, ge=0)
    """Blocks next to the content that both domains have in common: the encoders' last, and the decoders' first."""

    def generator_spec(self, size: int, inputs: int, outputs: int) -> UnitSpec:
        """The generator of one way, between pictures with these channels."""
        return spec_from_options(UnitSpec, "", self.shape(inputs, outputs))


class UnitObjective(ContentObjective):
    """objective"""

    adversarial: float = Field(10.0, ge=0)
    """Weight of the adversarial term in the generators' loss."""
    rebuilding: float = Field(100.0, ge=0)
    """Weight of the L1 distance between a picture and what is made of its own content."""
    divergence: float = Field(0.1, ge=0)
    """Weight of the KL divergence of the contents from the prior, nats a number of the content."""
    cycle: float = Field(100.0, ge=0)
    """Weight of the L1 distance between a picture and what comes back of its translation."""
    cycle_divergence: float = Field(0.1, ge=0)
    """As --divergence, of the contents of translations."""


class UnitConfig(Config):
    """Options of `img2img train unit`."""

    data: UnpairedData = UnpairedData()
    networks: UnitNetworks = UnitNetworks()
    objective: UnitObjective = UnitObjective()
    optimisation: ContentOptimisation = ContentOptimisation()
    run: Run = Run()

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        # Section 4, with the networks of the authors' later code, which are MUNIT's without the styles.
        "paper": {
            "data": {"size": 256, "load_size": 256},
            "optimisation": PAPER_OPTIMISATION,
            "run": {"steps": 1_000_000, "precision": "fp32"},
        },
        # Small enough for two CPU cores.
        "quick": {
            "data": {"size": 64},
            "networks": {"width": 16, "blocks": 2, "critics": 2, "critic_width": 16, "critic_layers": 3},
            "optimisation": {"batch_size": 2, "lr": 2e-4, "ema": 0.99},
            "run": {"steps": 2000, "sample_every": 250},
        },
    }
