"""Everything `img2img train cyclegan` can be told (arXiv:1703.10593)."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from img2img.config.base import Config
from img2img.config.networks.spec import CriticNorm, Norm, Upsample
from img2img.config.networks.translators import TranslatorName
from img2img.config.sections.data import UnpairedData
from img2img.config.sections.objective import CycleganObjective
from img2img.config.sections.run import Optimisation, Run

from .pix2pix import TranslationNetworks


class CycleganNetworks(TranslationNetworks):
    """networks"""

    generator: TranslatorName = "resnet"
    """Residual blocks between down- and upsampling; a U-Net with skip connections; or pix2pixHD's enhancer, which has
    the first at half the size inside it."""
    upsample: Upsample = "resize"
    """Convolution after bilinear or (resize) nearest enlargement leaves no checkerboard; deconv is the papers'."""
    norm: Norm = "instance"
    """Normalisation of the generators."""
    dropout: float = Field(0.0, ge=0, lt=1)
    """Dropout of the generators."""
    critic_norm: CriticNorm = "instance"
    """Normalisation of the discriminators; none or spectral suit gradient penalties."""


class CycleganConfig(Config):
    """Options of `img2img train cyclegan`."""

    data: UnpairedData = UnpairedData()
    networks: CycleganNetworks = CycleganNetworks()
    objective: CycleganObjective = CycleganObjective()
    optimisation: Optimisation = Optimisation()
    run: Run = Run()

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        # Section 4 and appendix 7: batch 1, 100 + 100 epochs, pool 50, no moving average.
        "paper": {
            "data": {"size": 256, "load_size": 286, "fit": "stretch"},
            "networks": {"upsample": "deconv"},
            "optimisation": {"ema": 0.0},
            "run": {"epochs": 200, "precision": "fp32"},
        },
        # Learns a colour and ink look in minutes on two CPU cores: see examples/. Without the identity term it came out
        # as a negative; with instance norm crops and whole photos got different tints; the U-Net was sharper and 2.5
        # times as fast as residual blocks.
        "quick": {
            "data": {"size": 64, "load_size": 96},
            "networks": {
                "generator": "unet",
                "levels": 3,
                "width": 32,
                "norm": "batch",
                "critic_width": 32,
                "critic_layers": 2,
            },
            "objective": {"cycle": 3.0, "identity": 0.3},
            "optimisation": {"batch_size": 4, "lr": 4e-4, "ema": 0.99},
            "run": {"steps": 1500, "sample_every": 300},
        },
    }
