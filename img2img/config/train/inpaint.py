"""Everything `img2img train inpaint` can be told (arXiv:1806.03589, arXiv:1604.07379)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from img2img.config.base import Config, Refusal, Section
from img2img.config.networks import CriticSpec
from img2img.config.networks.critics import AutoencoderSpec, InpainterCriticName, InpainterCriticSpec
from img2img.config.networks.inpainters import InpainterName, InpainterSpec
from img2img.config.networks.spec import CriticNorm, by_choice, spec_from_options, taken_by
from img2img.config.sections.data import ImagesData
from img2img.config.sections.masks import MaskOptions
from img2img.config.sections.objective import GameName
from img2img.config.sections.teacher import Teacher
from img2img.config.sections.two_phases import QUICK, LongRun, TwoPhaseObjective, TwoPhaseOptimisation

OF_ONE_GENERATOR = ("blocks", "slope", "noise", "stages", "attention", "bottleneck")
"""Options that only one of the generators has."""
SLOPE = 0.2
"""Of light's activations below zero where none is asked for. With ReLU the last layer died in a run of 11,000 steps."""


class InpaintData(ImagesData):
    """data"""

    size: int = Field(256, ge=16, le=4096)
    """Side of the square windows that the networks train on, px."""
    fit: Literal["cover", "stretch", "crop"] = "cover"
    """How a picture becomes a square: cover keeps its aspect, resizes and crops, so that a window shows most of it;
    stretch resizes both sides; crop cuts windows out of the full resolution."""
    windows: int = Field(1, ge=1, le=256)
    """Windows of a picture in each epoch. So many steps in a row share their pictures: for --fit crop and large
    pictures."""


class InpaintNetworks(Section):
    """networks"""

    fixed: ClassVar[frozenset[str]] = frozenset(
        {"generator", "width", "blocks", "slope", "noise", "stages", "attention", "bottleneck"}
        | {"critic", "critic_width", "critic_layers", "critic_norm"}
    )
    in_older_runs: ClassVar[dict[str, Any]] = {"slope": 0.0, "noise": False}

    generator: InpainterName = "gated"
    """DeepFill v2's gated convolutions, a light one for CPUs, or the Context Encoder for squares of one size."""
    width: int | None = Field(None, ge=1, le=2**16)
    """Channels of the generator [default: 48 for gated, else 64]."""
    blocks: int | None = Field(None, ge=1, le=2**16)
    """Residual blocks of light [default: 6]."""
    slope: float | None = Field(None, ge=0, lt=1)
    """Slope of light's activations below zero; with 0, ReLU, all of them can die [default: 0.2]."""
    noise: bool | None = None
    """Noise in the holes that light is given, to make textures of, and bilinear doublings [default: on]."""
    stages: int | None = Field(None, ge=1, le=2)
    """Networks of gated, one after another: 1 is its coarse one alone [default: 2]."""
    attention: bool | None = None
    """Contextual attention in the second stage of gated [default: on]."""
    bottleneck: int | None = Field(None, ge=1)
    """Units of the Context Encoder that see the whole picture; 4000 in its paper [default: its channel-wise layer]."""
    critic: InpainterCriticName = "sn-patch"
    """DeepFill v2's scores for every position; one for the picture and a window around the hole; the Context Encoder's;
    a score for every pixel (U-Net), or for each patch. All see the mask, too."""
    critic_width: int = Field(64, ge=1, le=2**16)
    """Channels of the critic's first layer."""
    critic_layers: int | None = Field(None, ge=0, le=7)
    """Strided layers of the critic, for critics that let you choose [default: 6 for sn-patch and global-local, 5 for
    context, 3 for patch]."""
    critic_norm: CriticNorm | None = None
    """Normalisation of the critic; sn-patch and unet take spectral or none, and these suit gradient penalties
    [default: spectral; batch for global-local and context, as in their papers]."""

    def generator_spec(self, size: int, channels: int) -> InpainterSpec:
        """The generator for squares of `size` px with these channels.

        Raises Refusal for an option of another generator, and for what the one that is wanted does not take.
        """
        generators = by_choice(InpainterSpec)
        spec = generators[self.generator]
        for option in OF_ONE_GENERATOR:
            if getattr(self, option) and option not in spec.model_fields:
                owner = next(name for name, other in generators.items() if option in other.model_fields)
                raise Refusal(f"--{option} goes with --generator {owner}, and not with {self.generator}")
        shape = {"channels": channels} | {name: getattr(self, name) for name in ("width", *OF_ONE_GENERATOR)}
        shape["slope"] = SLOPE if self.slope is None else self.slope
        shape["noise"] = self.noise is not False
        return spec_from_options(spec, "", spec.for_size(size) | taken_by(spec, shape))

    def critic_spec(self, channels: int, *, energy: bool = False) -> CriticSpec:
        """The critic for pictures with these channels, next to their mask.

        energy: the game wants an autoencoder's energy (began, ebgan). Raises Refusal for what the critic does not take.
        """
        shape: dict[str, Any] = {"input_channels": channels, "given_channels": 1, "width": self.critic_width}
        if energy:
            return AutoencoderSpec(**shape, layers=max(self.critic_layers or 3, 1))
        spec = by_choice(InpainterCriticSpec)[self.critic]
        if self.critic == "unet" and self.critic_layers is not None:
            raise Refusal(f"--critic-layers {self.critic_layers}: the unet critic has three")
        norm = self.critic_norm or ("spectral" if self.critic == "patch" else None)
        return spec_from_options(spec, "critic-", {**shape, "layers": self.critic_layers, "norm": norm})


class InpaintObjective(TwoPhaseObjective):
    """objective"""

    game: GameName = "hinge"
    """The game: which losses the critic and the generator minimise, with their penalties."""
    hole_pixels: float = Field(1.0, ge=0)
    """Weight of the distance of pixels in the hole; the mean is over all pixels whose weight is not 0."""
    known_pixels: float = Field(1.0, ge=0)
    """Weight of the distance of pixels outside of the hole."""
    overlap: int = Field(0, ge=0, le=64)
    """Width of the band around the hole in which known pixels weigh more, so that the fill joins them, px."""
    overlap_weight: float = Field(10.0, ge=0)
    """How many times more than the pixels of the hole those of the band weigh."""
    coarse: float = Field(1.0, ge=0)
    """Weight of the same distance for the earlier stages of a generator that has several."""


class InpaintOptimisation(TwoPhaseOptimisation):
    """optimisation"""

    # With both, no step is larger than the rate; with 0.5 and 0.999 it can be 16 times that: light blew up.
    beta1: float = Field(0.9, ge=0, lt=1)
    """Adam's first moment decay."""
    beta2: float = Field(0.99, ge=0, lt=1)
    """Adam's second moment decay."""


class InpaintConfig(Config):
    """Options of `img2img train inpaint`."""

    data: InpaintData = InpaintData()
    masks: MaskOptions = MaskOptions()
    networks: InpaintNetworks = InpaintNetworks()
    objective: InpaintObjective = InpaintObjective()
    optimisation: InpaintOptimisation = InpaintOptimisation()
    teacher: Teacher = Teacher()
    run: LongRun = LongRun()

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        # DeepFill v2: section 4 of arXiv:1806.03589 and its released settings. A box of 96 to 128 px and strokes.
        "paper": {
            "data": {"size": 256},
            "masks": {
                "masks": "boxes+strokes",
                "most_boxes": 1,
                "smallest_box": 96 / 256,
                "largest_box": 128 / 256,
                "largest_hole": 0.9,
            },
            "networks": {"generator": "gated", "critic": "sn-patch"},
            "objective": {"game": "hinge", "adversarial": 1.0, "perceptual": 0.0},
            "optimisation": {
                "batch_size": 16,
                "lr": 1e-4,
                "beta1": 0.5,
                "beta2": 0.999,
                "schedule": "constant",
                "ema": 0.0,
                "pretrain_steps": 0,
            },
            "run": {"steps": 1_000_000, "precision": "fp32"},
        },
        # Sections 3.2 and 4 of arXiv:1604.07379 and its code. There the critic sees the fill alone, here the picture.
        "context-encoder": {
            "data": {"size": 128},
            # 64 px are predicted: a hole of 56, and 4 around it.
            "masks": {"masks": "centre", "smallest_hole": (56 / 128) ** 2, "largest_hole": (56 / 128) ** 2},
            "networks": {"generator": "context-encoder", "bottleneck": 4000, "critic": "context"},
            "objective": {
                "game": "non-saturating",
                "adversarial": 0.001,
                "perceptual": 0.0,
                "pixel_cost": "mse",
                "hole_pixels": 0.999,
                "known_pixels": 0.0,
                "overlap": 4,
                "overlap_weight": 10.0,
            },
            "optimisation": {
                "batch_size": 64,
                "lr": 2e-3,
                "critic_lr": 2e-4,
                "beta1": 0.5,
                "beta2": 0.999,
                "schedule": "constant",
                "ema": 0.0,
                "initial_std": 0.02,
                "pretrain_steps": 0,
            },
            "run": {"precision": "fp32"},
        },
        "quick": QUICK,
    }
