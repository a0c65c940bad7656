"""Everything `img2img train pix2pix` can be told (arXiv:1611.07004)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from img2img.config.base import Config, Refusal, Section
from img2img.config.networks import CriticSpec
from img2img.config.networks.critics import AutoencoderSpec, PatchSpec
from img2img.config.networks.spec import CriticNorm, Norm, Upsample, by_choice, spec_from_options, taken_by
from img2img.config.networks.translators import TranslatorName, TranslatorSpec
from img2img.config.sections.data import PairedData
from img2img.config.sections.objective import Pix2pixObjective
from img2img.config.sections.run import Optimisation, Run


class TranslationNetworks(Section):
    """networks"""

    fixed: ClassVar[frozenset[str]] = frozenset(
        {"generator", "width", "levels", "blocks", "norm", "dropout", "upsample", "antialias"}
        | {"critic_width", "critic_layers", "critic_norm", "critic_antialias", "minibatch"}
    )

    generator: TranslatorName = "unet"
    """U-Net with skip connections, or residual blocks between down- and upsampling."""
    width: int = Field(64, ge=1, le=2**16)
    """Channels of the generator's first layer."""
    levels: int | None = Field(None, ge=2, le=12)
    """Halvings of the U-Net [default: down to one pixel, at most 8]."""
    blocks: int | None = Field(None, ge=1, le=2**16)
    """Residual blocks [default: 9 from 256 px, else 6, as in the paper]."""
    norm: Norm = "batch-stat"
    """Normalisation of the generator; batch-stat is batch norm with each picture's own statistics."""
    dropout: float = Field(0.5, ge=0, lt=1)
    """Dropout of the generator, its source of noise."""
    upsample: Upsample = "bilinear"
    """Convolution after bilinear or (resize) nearest enlargement leaves no checkerboard; deconv is the papers'."""
    antialias: bool = False
    """Halve by a convolution and a blur in the generator resnet, so that no aliases come in (CUT)."""
    critic_width: int = Field(64, ge=1, le=2**16)
    """Channels of the discriminator's first layer."""
    critic_layers: int = Field(3, ge=0, le=5)
    """Strided layers of the PatchGAN, 0 to 5: a receptive field of 1, 16, 34, 70, 142 or 286 px."""
    critic_norm: CriticNorm = "batch-stat"
    """Normalisation of the discriminator; none or spectral suit gradient penalties."""
    critic_antialias: bool = False
    """Halve by a convolution and a blur in the discriminator, too."""
    minibatch: Literal["none", "std", "discrimination"] = "none"
    """Statistics across the batch in the discriminator's last layer, against mode collapse."""

    def generator_spec(self, size: int, inputs: int, outputs: int) -> TranslatorSpec:
        """The generator for pictures of `size` px with these channels; it takes those of the options that it has.

        Raises Refusal for a blur in one that has none.
        """
        spec = by_choice(TranslatorSpec)[self.generator]
        if self.antialias and "antialias" not in spec.model_fields:
            raise Refusal(f"--antialias goes with --generator resnet, and not with {self.generator}")
        shape = {
            "input_channels": inputs,
            "output_channels": outputs,
            "width": self.width,
            "levels": self.levels,
            "blocks": self.blocks,
            "norm": self.norm,
            "dropout": self.dropout,
            "upsample": self.upsample,
            "antialias": self.antialias,
        }
        asked = {name: value for name, value in taken_by(spec, shape).items() if value is not None}
        return spec_from_options(spec, "", spec.for_size(size) | asked)

    def critic_spec(self, inputs: int, given: int = 0, *, energy: bool = False) -> CriticSpec:
        """The critic for pictures with these channels, next to a condition with `given` channels.

        energy: the game wants an autoencoder's energy (began, ebgan), not the scores of a PatchGAN.
        """
        if energy:
            width, layers = self.critic_width, max(self.critic_layers, 1)
            return AutoencoderSpec(input_channels=inputs, given_channels=given, width=width, layers=layers)
        return PatchSpec(
            input_channels=inputs,
            given_channels=given,
            width=self.critic_width,
            layers=self.critic_layers,
            norm=self.critic_norm,
            minibatch=self.minibatch,
            antialias=self.critic_antialias,
        )


class Pix2pixOptimisation(Optimisation):
    """optimisation"""


class Pix2pixConfig(Config):
    """Options of `img2img train pix2pix`."""

    data: PairedData = PairedData()
    networks: TranslationNetworks = TranslationNetworks()
    objective: Pix2pixObjective = Pix2pixObjective()
    optimisation: Pix2pixOptimisation = Pix2pixOptimisation()
    run: Run = Run()

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        # Section 3.3 and appendix 6 of the paper; 200 epochs at a constant rate are the facades settings of its code.
        "paper": {
            "data": {"size": 256, "load_size": 286, "fit": "stretch"},
            "networks": {"upsample": "deconv", "norm": "batch-stat", "critic_norm": "batch-stat"},
            "objective": {"game": "non-saturating", "l1": 100.0},
            "optimisation": {"ema": 0.0, "schedule": "constant"},
            "run": {"epochs": 200, "precision": "fp32"},
        },
        # Small enough for two CPU cores: see the README for what it reaches.
        "quick": {
            "data": {"size": 64},
            "networks": {"width": 32, "critic_width": 32, "critic_layers": 2},
            "optimisation": {"batch_size": 4, "ema": 0.99},
            "run": {"steps": 2000, "sample_every": 200},
        },
    }
