"""Everything `img2img train pix2pix` can be told (arXiv:1611.07004)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from img2img.config.base import Config, Refusal, Section, weighted_list
from img2img.config.networks import CriticSpec
from img2img.config.networks.critics import AutoencoderSpec, PatchSpec
from img2img.config.networks.spec import CriticNorm, Norm, Upsample, by_choice, spec_from_options, taken_by
from img2img.config.networks.translators import TranslatorName, TranslatorSpec
from img2img.config.sections.data import PairedRectangles
from img2img.config.sections.objective import Pix2pixObjective
from img2img.config.sections.run import Optimisation, Phase, Run

COARSE, LOCAL, BOTH = COARSE_TO_FINE = ("coarse", "local", "both")
"""The phases of a generator around a coarse one: that one alone, at half the size; what is around it; all."""


class TranslationNetworks(Section):
    """networks"""

    fixed: ClassVar[frozenset[str]] = frozenset(
        {"generator", "width", "levels", "blocks", "norm", "dropout", "layer_noise", "upsample", "antialias"}
        | {"critic_width", "critic_layers", "critic_norm", "critic_antialias", "minibatch"}
        | {"downsamplings", "critics"}
    )

    generator: TranslatorName = "unet"
    """U-Net with skip connections; residual blocks between down- and upsampling; or pix2pixHD's enhancer, which has the
    second at half the size inside it."""
    width: int = Field(64, ge=1, le=2**16)
    """Channels of the generator's first layer."""
    levels: int | None = Field(None, ge=2, le=12)
    """Halvings of the U-Net [default: down to one pixel, at most 8]."""
    blocks: int | None = Field(None, ge=1, le=2**16)
    """Residual blocks [default: 9 from 256 px, else 6, as in the paper]."""
    downsamplings: int | None = Field(None, ge=0, le=4)
    """Halvings of resnet [default: 2; pix2pixHD has 4], and of the resnet in the enhancer [default: 4; below 256 px as
    many as leave 8 px]."""
    norm: Norm = "batch-stat"
    """Normalisation of the generator; batch-stat is batch norm with each picture's own statistics."""
    dropout: float = Field(0.5, ge=0, lt=1)
    """Dropout of the generator, its source of noise."""
    layer_noise: float = Field(0.0, ge=0, le=10)
    """Standard deviation of noise on the activations of unet's way up and within resnet's blocks, in training; when the
    model is applied, only with `translate --noise`; 0: none."""
    upsample: Upsample = "bilinear"
    """Convolution after bilinear or (resize) nearest enlargement leaves no checkerboard; deconv is the papers'."""
    antialias: bool = False
    """Halve by a convolution and a blur in the generator resnet, so that no aliases come in (CUT)."""
    critics: int = Field(1, ge=1, le=3)
    """Discriminators of each side: one more sees the picture at half, and one more at a quarter of the resolution."""
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

    def generator_spec(
        self, size: int, inputs: int, outputs: int, labels: int = 0, instances: bool = False
    ) -> TranslatorSpec:
        """The generator for pictures of `size` px with these channels; it takes those of the options that it has.

        labels, instances: of label maps, which it takes. Raises Refusal for a blur or noise in one that has none.
        """
        spec = by_choice(TranslatorSpec)[self.generator]
        if self.antialias and "antialias" not in spec.model_fields:
            raise Refusal(f"--antialias goes with --generator resnet, and not with {self.generator}")
        if self.layer_noise and "layer_noise" not in spec.model_fields:
            raise Refusal(f"--layer-noise goes with --generator unet and resnet, and not with {self.generator}")
        shape = {
            "input_channels": inputs,
            "output_channels": outputs,
            "labels": labels,
            "instances": instances,
            "width": self.width,
            "levels": self.levels,
            "blocks": self.blocks,
            "downsamplings": self.downsamplings,
            "norm": self.norm,
            "dropout": self.dropout,
            "layer_noise": self.layer_noise,
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

    coarse_to_fine: str | None = None
    """Of the generator enhancer: how long each phase is, as shares, coarse:10,local:1,both:9. In the first the coarse
    generator learns alone, at half the size, in the second what is around it, then both [default: both from the start].
    """

    @field_validator("coarse_to_fine")
    @classmethod
    def _are_phases(cls, value: str | None) -> str | None:
        if value is not None and (wrong := weighted_list(value).keys() - set(COARSE_TO_FINE)):
            raise ValueError(f"{', '.join(sorted(wrong))}: the phases are {', '.join(COARSE_TO_FINE)}")
        return value

    def phases(self, total: int) -> tuple[Phase, ...]:
        """One, or those from coarse to fine, each with the same schedule; one of no steps is left out."""
        if self.coarse_to_fine is None:
            return super().phases(total)
        shares = weighted_list(self.coarse_to_fine)
        whole, done, ends = sum(shares.values()), 0.0, [0]
        names = [name for name in COARSE_TO_FINE if name in shares]
        for name in names:
            done += shares[name]
            ends.append(round(total * done / whole))
        found = [
            Phase(name, first, last - first, self.schedule)
            for name, first, last in zip(names, ends, ends[1:], strict=False)
        ]
        return tuple(phase for phase in found if phase.length)


_HD: dict[str, Any] = {
    "data": {"size": 512, "load_size": 512},
    "networks": {
        "generator": "resnet",
        "downsamplings": 4,
        "blocks": 9,
        "norm": "instance",
        "dropout": 0.0,
        "upsample": "deconv",
        "critic_norm": "instance",
        "critics": 2,
    },
    "objective": {
        "game": "lsgan",
        "adversarial": 2.0,
        "l1": 0.0,
        "feature_matching": 10.0,
        "perceptual": 10.0,
        "perceptual_layers": "relu1_1:0.03125,relu2_1:0.0625,relu3_1:0.125,relu4_1:0.25,relu5_1",
    },
    "optimisation": {"ema": 0.0},
    "run": {"epochs": 200, "precision": "fp32"},
}


class Pix2pixConfig(Config):
    """Options of `img2img train pix2pix`."""

    data: PairedRectangles = PairedRectangles()
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
        # pix2pixHD (arXiv:1711.11585), its global generator: windows of pictures of 1024 x 512 px. Its code pays
        # (s - 1)^2 to the critics, twice what the game has, and 10 for each of 4 layers, the mean over two critics.
        "pix2pixhd": _HD,
        # Its local enhancer, for 2048 x 1024 px: 100 epochs for the coarse generator, 10 around it, 90 for both.
        "pix2pixhd-local": _HD
        | {
            "data": {"size": 1024, "load_size": 1024},
            "networks": _HD["networks"] | {"generator": "enhancer", "width": 32, "critics": 3},
            "objective": _HD["objective"] | {"feature_matching": 20 / 3},
            "optimisation": _HD["optimisation"] | {"coarse_to_fine": "coarse:10,local:1,both:9"},
        },
        # Small enough for two CPU cores: see the README for what it reaches.
        "quick": {
            "data": {"size": 64},
            "networks": {"width": 32, "critic_width": 32, "critic_layers": 2},
            "optimisation": {"batch_size": 4, "ema": 0.99},
            "run": {"steps": 2000, "sample_every": 200},
        },
    }
