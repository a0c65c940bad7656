"""Everything `img2img train vae` can be told: variational autoencoders (arXiv:1312.6114), which need no critic."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from img2img.config.base import Config, Overrides, Section

from .encoders import EncoderNetworks
from .gan import SIZES, GanData, GanOptimisation, GanRun


class VaeObjective(Section):
    """objective"""

    fixed: ClassVar[frozenset[str]] = frozenset({"likelihood"})

    likelihood: Literal["cross-entropy", "learned-gamma"] = "cross-entropy"
    """Likelihood of a picture given its code: each value as the outcome of a coin toss whose probability the decoder
    gives, or a Gaussian about the decoder's picture with one learnt variance for all values."""
    beta: float = Field(1.0, ge=0)
    """Weight of the KL divergence of the codes from the prior; above 1 it disentangles them (beta-VAE)."""


class VaeConfig(Config):
    """Options of `img2img train vae`."""

    data: GanData = GanData()
    networks: EncoderNetworks = EncoderNetworks()
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
