"""Everything `img2img train srgan` can be told (arXiv:1609.04802)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from img2img.config.base import Config, Refusal, Section
from img2img.config.networks import CriticSpec
from img2img.config.networks.critics import AutoencoderSpec, UpscalerCriticName, UpscalerCriticSpec
from img2img.config.networks.spec import CriticNorm, by_choice, spec_from_options, taken_by
from img2img.config.networks.upscalers import LightHead, UpscalerName, UpscalerSpec
from img2img.config.sections.data import Degradation, ImagesData
from img2img.config.sections.teacher import Teacher
from img2img.config.sections.two_phases import QUICK, LongRun, TwoPhaseObjective, TwoPhaseOptimisation


class SrganNetworks(Section):
    """networks"""

    fixed: ClassVar[frozenset[str]] = frozenset(
        {
            "generator",
            "scale",
            "width",
            "blocks",
            "head",
            "norm",
            "critic",
            "critic_width",
            "critic_layers",
            "critic_norm",
        }
    )

    generator: UpscalerName = "srresnet"
    """light for CPUs, the paper's SRResNet, or ESRGAN's residual dense blocks: each some seven times slower."""
    scale: int = Field(4, ge=1, le=4)
    """How many times larger pictures become, along each side; 1, for light alone: they are cleaned."""
    width: int | None = Field(None, ge=1, le=2**16)
    """Channels of the generator [default: 48 for light, else 64]."""
    blocks: int | None = Field(None, ge=1, le=2**16)
    """Residual blocks of the generator [default: 8 for light, 16 for srresnet, 23 for rrdb]."""
    head: LightHead | None = None
    """How light enlarges: by one pixel shuffle, or in steps, which cost a little more and draw nothing on flat areas;
    against a weave elsewhere there is --grid [default: shuffle]."""
    norm: Literal["none", "batch"] = "none"
    """Normalisation of srresnet; the paper's batch norm leaves spots in dark pictures."""
    critic: UpscalerCriticName = "unet"
    """A score for every pixel (U-Net), for the whole picture (the paper's), or for each patch."""
    critic_width: int = Field(64, ge=1, le=2**16)
    """Channels of the critic's first layer."""
    critic_layers: int = Field(3, ge=0, le=5)
    """Strided layers of the patch critic, 0 to 5: a receptive field of 1, 16, 34, 70, 142 or 286 px."""
    critic_norm: CriticNorm = "spectral"
    """Normalisation of the critic; unet takes spectral or none, and these suit gradient penalties."""

    def generator_spec(self, channels: int) -> UpscalerSpec:
        """The generator for pictures with these channels. Raises Refusal for an option of another generator."""
        shape: dict[str, Any] = {"input_channels": channels, "output_channels": channels, "scale": self.scale}
        shape |= {"width": self.width, "blocks": self.blocks, "norm": self.norm, "head": self.head}
        spec = by_choice(UpscalerSpec)[self.generator]
        if self.norm != "none" and "norm" not in spec.model_fields:
            raise Refusal(f"--norm {self.norm} goes with --generator srresnet; {self.generator} has no norm")
        if self.head and "head" not in spec.model_fields:
            raise Refusal(f"--head {self.head} goes with --generator light, and not with {self.generator}")
        if self.generator != "light" and self.scale == 1:
            raise Refusal(f"--scale 1 goes with --generator light; {self.generator} enlarges 2 to 4 times")
        return spec_from_options(spec, "", taken_by(spec, shape))

    def critic_spec(self, channels: int, *, energy: bool = False) -> CriticSpec:
        """The critic for pictures with these channels; energy: the game wants an autoencoder's energy (began, ebgan).

        Raises Refusal for a norm that it does not have.
        """
        shape = {"input_channels": channels, "width": self.critic_width, "norm": self.critic_norm}
        if energy:
            return AutoencoderSpec(input_channels=channels, width=self.critic_width, layers=max(self.critic_layers, 1))
        if self.critic == "unet" and self.critic_norm not in ("none", "spectral"):
            raise Refusal(f"--critic-norm {self.critic_norm}: the unet critic takes none or spectral")
        spec = by_choice(UpscalerCriticSpec)[self.critic]
        return spec_from_options(spec, "critic-", taken_by(spec, shape | {"layers": self.critic_layers}))


class SrganObjective(TwoPhaseObjective):
    """objective"""

    pixel: float = Field(1.0, ge=0)
    """Weight of the distance of pixels in the adversarial phase; in the pretraining it is all there is."""
    grid: float = Field(0.0, ge=0)
    """Weight of the weave, a pattern with the period of the enlargement: how far it stands out of the spectrum, in
    bels; 0: off."""


class SrganOptimisation(TwoPhaseOptimisation):
    """optimisation"""

    beta1: float = Field(0.9, ge=0, lt=1)
    """Adam's first moment decay."""


class SrganConfig(Config):
    """Options of `img2img train srgan`."""

    data: ImagesData = ImagesData()
    degradation: Degradation = Degradation()
    networks: SrganNetworks = SrganNetworks()
    objective: SrganObjective = SrganObjective()
    optimisation: SrganOptimisation = SrganOptimisation()
    teacher: Teacher = Teacher()
    run: LongRun = LongRun()

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        # Section 3.2, and table 2's SRGAN-VGG54. A million steps of pixels, then 1e5 at 1e-4 and 1e5 at 1e-5.
        "paper": {
            "data": {"size": 96},
            "degradation": {"degrade": "bicubic"},
            "networks": {"generator": "srresnet", "norm": "batch", "critic": "srgan", "critic_norm": "batch"},
            "objective": {
                "game": "non-saturating",
                "adversarial": 1e-3,
                "pixel": 0.0,
                "pixel_cost": "mse",
                "perceptual": 1.0,
                "perceptual_layers": "relu5_4",
                "perceptual_cost": "mse",
                "feature_scale": 1 / 12.75,
            },
            "optimisation": {
                "batch_size": 16,
                "lr": 1e-4,
                "schedule": "step",
                "ema": 0.0,
                "pretrain_steps": 1_000_000,
                "pretrain_lr": 1e-4,
                "pretrain_schedule": "constant",
            },
            "run": {"steps": 1_200_000, "precision": "fp32"},
        },
        # The highest PSNR: pixels alone, no critic, no VGG19.
        "psnr": {
            "degradation": {"degrade": "bicubic"},
            "objective": {"adversarial": 0.0, "perceptual": 0.0},
            "optimisation": {"lr": 5e-4, "schedule": "cosine", "pretrain_steps": 0},
        },
        "quick": QUICK,
    }
