"""Everything `img2img train bigan` can be told: pictures and codes judged in pairs (arXiv:1605.09782,
arXiv:1606.00704)."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from img2img.config.sections.objective import Adversarial

from .encoders import JudgedConfig, JudgedNetworks
from .gan import GanData, GanOptimisation, GanRun
from .gan_settings import Settings


class BiganNetworks(JudgedNetworks):
    """networks"""

    fixed: ClassVar[frozenset[str]] = JudgedNetworks.fixed | {"stochastic", "joint"}

    stochastic: bool = False
    """Draw a picture's code from a Gaussian that the encoder reads off it (ALI); off: one code a picture (BiGAN)."""
    joint: int | None = Field(None, ge=1)
    """Width of the critic's dense layers on features and code together [default: 256]."""

    @property
    def beside_the_picture(self) -> dict[str, Any]:
        """A code, and how it comes together with the picture."""
        return {"code": self.prior_spec.size, "joint": self.joint}


class BiganConfig(JudgedConfig):
    """Options of `img2img train bigan`."""

    data: GanData = GanData()
    networks: BiganNetworks = BiganNetworks()
    objective: Adversarial = Adversarial()
    optimisation: GanOptimisation = GanOptimisation()
    run: GanRun = GanRun()

    # With batch norm, which sees real and fake apart, the critic won: its terms on Fashion-MNIST were 0.12 and 0.11
    # after 700 steps (InfoGAN's pair of width 16), and the pictures noise; with spectral norm 0.37 and 0.45 after 400,
    # and the pictures clothes.
    settings: ClassVar[Settings] = {"critic_norm": "spectral"}

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        # Small enough for two CPU cores.
        "quick": {
            "networks": {"width": 16, "encoder_width": 16, "critic_width": 16, "latent": 32},
            "optimisation": {"ema": 0.99},
            "run": {"steps": 3000, "sample_every": 500},
        },
    }
