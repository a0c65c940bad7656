"""What `train unit` and `train munit` have in common: networks by way of a content, and their critics."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from img2img.config.base import Refusal, Section
from img2img.config.networks.critics import StridedSpec
from img2img.config.networks.spec import CriticNorm
from img2img.config.sections.objective import Adversarial, GameName
from img2img.config.sections.run import Optimisation


class ContentNetworks(Section):
    """networks"""

    fixed: ClassVar[frozenset[str]] = frozenset(
        {"width", "downsamplings", "blocks", "critics", "critic_width", "critic_layers", "critic_norm"}
    )

    width: int = Field(64, ge=1, le=2**16)
    """Channels of the generators' first layer."""
    downsamplings: int = Field(2, ge=1, le=4)
    """Halvings between a picture and its content."""
    blocks: int = Field(4, ge=1, le=2**16)
    """Residual blocks of each encoder, and of each decoder."""
    critics: int = Field(3, ge=1, le=4)
    """Critics of each domain, each sees pictures half as fine as the one before."""
    critic_width: int = Field(64, ge=1, le=2**16)
    """Channels of the critics' first layer; each of the others has twice as many as the one before."""
    critic_layers: int = Field(4, ge=1, le=7)
    """Strided layers of the critics."""
    critic_norm: CriticNorm = "none"
    """Normalisation of the critics; none or spectral suit gradient penalties."""

    def shape(self, inputs: int, outputs: int) -> dict[str, Any]:
        """What every generator's spec says of its sizes."""
        sizes = {"width": self.width, "downsamplings": self.downsamplings, "blocks": self.blocks}
        return {"input_channels": inputs, "output_channels": outputs, **sizes}

    def critic_specs(self, channels: int, *, energy: bool) -> list[StridedSpec]:
        """The critics of one domain, the finest first. Raises Refusal for a game of energies."""
        if energy:
            raise Refusal("--game began, ebgan: they play with an autoencoder's energy; here every other game does")
        spec = StridedSpec(
            input_channels=channels, width=self.critic_width, layers=self.critic_layers, norm=self.critic_norm
        )
        return [spec] * self.critics


class ContentObjective(Adversarial):
    """objective"""

    game: GameName = "lsgan"
    """The game: which losses the critics and the generators minimise, with their penalties."""


PAPER_OPTIMISATION: dict[str, Any] = {
    "ema": 0.0,
    "weight_decay": 1e-4,
    "schedule": "step",
    "step_every": 100_000,
    "step_factor": 0.5,
}
"""Of the preset "paper" (arXiv:1804.04732, appendix B); UNIT's authors' later code has the same."""


class ContentOptimisation(Optimisation):
    """optimisation"""

    lr: float = Field(1e-4, gt=0, le=100)
    """Learning rate of the generators."""
