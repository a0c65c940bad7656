"""Everything `img2img train vae-gan` can be told: a variational autoencoder whose reconstruction error is measured in
a critic's features; the critic also judges its samples (arXiv:1512.09300)."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from img2img.config.sections.objective import Adversarial

from .encoders import JudgedConfig, JudgedNetworks
from .gan import GanData, GanOptimisation, GanRun


class VaeGanObjective(Adversarial):
    """objective"""

    # Of the authors' code for CelebA at 64 px, whose layer has 16,384 values; 5e-5 where it does not say.
    gamma: float = Field(1e-5, gt=0)
    """Weight of the reconstruction error in the decoder's loss, next to the adversarial term; in the encoder's loss it
    is 1."""
    beta: float = Field(1.0, ge=0)
    """Weight of the KL divergence of the codes from the prior in the encoder's loss."""
    layer: int | None = Field(None, ge=1)
    """Which of the critic's activations, counted from the picture, the reconstruction error is measured in
    [default: its last map, or its last layer where it has none]."""


class VaeGanConfig(JudgedConfig):
    """Options of `img2img train vae-gan`."""

    data: GanData = GanData()
    networks: JudgedNetworks = JudgedNetworks()
    objective: VaeGanObjective = VaeGanObjective()
    optimisation: GanOptimisation = GanOptimisation()
    run: GanRun = GanRun()

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        # Small enough for two CPU cores. Its layer has a tenth of the authors' values: with 1e-5 rebuilt pictures were
        # clouds after 400 steps on Fashion-MNIST, with 1e-3 clothes of the right kind after 300.
        "quick": {
            "networks": {"width": 16, "encoder_width": 16, "critic_width": 16, "latent": 32},
            "objective": {"gamma": 1e-3},
            "optimisation": {"ema": 0.99},
            "run": {"steps": 3000, "sample_every": 500},
        },
    }
