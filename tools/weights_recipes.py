"""What `tools/train_weights.py` can make: the shipped weights by name, each with the options of its training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from weights_ways import INPAINT, UPSCALE, Way

from img2img.config.networks import Spec
from img2img.config.toml import Overrides, resolve

LIGHT: dict[str, Any] = {"generator": "light", "head": "steps"}
LARGER: dict[str, Any] = {**LIGHT, "width": 64, "blocks": 16}
CRITIC: dict[str, Any] = {"critic": "patch", "critic_width": 32}
"""As wide as leaves 4 MB for it, its second moments and the generator's."""
LAYERS = "relu1_2:0.1,relu2_2:0.3,relu3_4"


@dataclass(frozen=True)
class Recipe:
    """How one weights file is made.

    sections: options of the way's command by section, on top of its preset. begins: the shipped weights, of the same
    network, that training begins with where they are there.
    """

    about: str
    sections: Overrides
    preset: str | None = None
    begins: str | None = None
    way: Way = UPSCALE

    def spec(self) -> Spec:
        """The generator that it makes."""
        kind = self.way.kind.config
        return self.way.spec(resolve(kind, kind.presets[self.preset] if self.preset else {}, self.sections))


def pixels(networks: dict[str, Any], size: int, rate: float, steps: int) -> Overrides:
    """Highest PSNR: L1, half a cosine to zero; sixteen crops of `size` px of the high resolution a step.

    In bfloat16, which halves the time on a CPU that has it, too (106 for 197 ms a step of light-x4 on one core).
    """
    return {
        "data": {"size": size, "windows": 1},
        "networks": networks,
        "optimisation": {"lr": rate, "batch_size": 16},
        "run": {"steps": steps, "precision": "bf16", "channels_last": True},
    }


def critics(
    networks: dict[str, Any],
    degrade: str,
    adversarial: float,
    steps: int,
    pretrain: int | None = None,
    size: int = 96,
    grid: float = 0.1,
) -> Overrides:
    """Sharp: `pretrain` of the steps with pixels alone, then also a critic and VGG19, on crops of `size` px.

    grid: weight of the weave. With 0.1 that of photo-x4 fell from 11 dB to 0.3 in 350 steps.

    The critic is a strided one, and VGG19 ends with its third block and sees half of the crops. On one CPU core a step
    of 8 crops of 96 px in bf16 took 0.96 s with a critic of 48 channels and VGG19 on all crops; now 0.57 s, with a
    teacher 0.62; of that the generator 0.22, the critic 0.09, VGG19 0.25. With contiguous memory it took 0.63 s.
    """
    return {
        "data": {"size": size, "windows": 1},
        "degradation": {"degrade": degrade},
        "networks": CRITIC | networks,
        "objective": {
            "adversarial": adversarial,
            "perceptual_layers": LAYERS,
            "perceptual_share": 0.5,
            "shift": 8,
            "grid": grid,
        },
        "optimisation": {"batch_size": 8, "lr": 2e-4, "pretrain_lr": 5e-4, "pretrain_steps": pretrain},
        "run": {"steps": steps, "precision": "bf16", "channels_last": True},
        "teacher": {"teacher_size": 64, "teacher_pictures": 500},
    }


def inpainter(
    networks: dict[str, Any],
    data: dict[str, Any],
    layers: str,
    steps: int,
    pretrain: int,
    batch_size: int = 16,
    share: float = 1.0,
    rate: float = 2e-4,
    **objective: Any,
) -> Overrides:
    """Fills holes: `pretrain` of the steps with pixels alone, then also a critic and VGG19's `layers`.

    data: windows of `size` px out of pictures reduced to `load_size` px, so that both whole things and parts of them
    are seen. rate: against the critic, whose own is 2e-4. Holes are smaller than by default: what is to go from a photo
    is seldom half of it. objective: further options of it.
    """
    return {
        "data": data,
        "masks": {"masks": "strokes:2,boxes,blobs,boxes+strokes,borders:0.5", "largest_hole": 0.4},
        "networks": networks,
        "objective": {
            "adversarial": 0.05,
            "perceptual_layers": layers,
            "perceptual_share": share,
            "shift": 8,
            **objective,
        },
        "optimisation": {
            "batch_size": batch_size,
            "lr": rate,
            "critic_lr": 2e-4,
            "pretrain_lr": 3e-4,
            "pretrain_steps": pretrain,
        },
        "run": {"steps": steps, "precision": "bf16", "channels_last": True},
    }


RECIPES: dict[str, Recipe] = {
    "light-x4": Recipe("x4 in seconds on a CPU", pixels(LIGHT, 96, 1e-3, 60_000), "psnr"),
    "light-x3": Recipe("x3 in seconds on a CPU", pixels({**LIGHT, "scale": 3}, 72, 1e-3, 60_000), "psnr"),
    "light-x2": Recipe("x2 in seconds on a CPU", pixels({**LIGHT, "scale": 2}, 48, 1e-3, 60_000), "psnr"),
    "psnr-x4": Recipe("x4 of the highest PSNR", pixels(LARGER, 96, 5e-4, 100_000), "psnr"),
    # The heads of these two are those of the shipped ones, with which they go on: weights/training/README.md.
    "detail-x4": Recipe(
        "x4 with detail, for clean pictures",
        critics({**LARGER, "head": "shuffle"}, "bicubic", 0.05, 30_000, 2_000),
        None,
        "psnr-x4",
    ),
    "photo-x4": Recipe(
        "x4 for photos", critics({**LARGER, "head": "shuffle"}, "photo", 0.1, 40_000, 4_000), None, "psnr-x4"
    ),
    # The low resolution of a crop is what a step costs: 32 px here, 48 px for photo-x1, 24 px for photo-x4.
    "photo-x2": Recipe(
        "x2 for photos",
        critics({**LARGER, "scale": 2}, "photo", 0.1, 40_000, 1_500, size=64, grid=0.05),
        None,
        "photo-x4",
    ),
    "photo-x1": Recipe(
        "cleans photos of the size they have",
        critics({**LARGER, "scale": 1}, "photo", 0.1, 40_000, 600, size=48, grid=0.0),
        None,
        "photo-x4",
    ),
    "photo-x4-light": Recipe(
        "x4 for photos, faster on a CPU", critics(LIGHT, "photo", 0.1, 40_000, 15_000), None, "light-x4"
    ),
    "rehearsal-x4": Recipe(
        "to try this tool: worth nothing, trained in a minute",
        {
            "data": {"size": 32, "workers": 0},
            "networks": {"generator": "light", "width": 8, "blocks": 1},
            "optimisation": {"batch_size": 2, "lr": 1e-3, "ema": 0.9},
            "run": {"steps": 400, "log_every": 10, "samples": 1, "tensorboard": False},
            "teacher": {"teacher_size": 16},
        },
        "psnr",
    ),
    # A step of four windows of 256 px takes 1.6 s of a core, with VGG19 on two of them. The critic is narrower than the
    # upscalers' since the generator is larger. In 790 steps against a critic of weight 0.2 LPIPS in holes of 14 % rose
    # from .328 to .348 (nine photos); 1,200 with 0.06, twice VGG19 and MI-GAN brought it to .324. 1,600 with this rate,
    # falling to zero, brought compact holes from .408 to .383 where 4,869 of two windows had brought .416 to .399.
    "photo-inpaint": Recipe(
        "fills holes in photos, in seconds on a CPU",
        inpainter(
            {"generator": "light", "critic": "patch", "critic_width": 24},
            {"size": 256, "load_size": 512, "zoom": 0.3},
            LAYERS,
            40_000,
            20_000,
            batch_size=4,
            share=0.5,
            rate=4e-4,
            perceptual=2.0,
            style=0.1,
            style_layers="relu1_2,relu2_2,relu3_4",
        ),
        way=INPAINT,
    ),
    "gated-inpaint": Recipe(
        "fills holes in photos, trained on a GPU",
        inpainter(
            {"generator": "gated"},
            {"size": 256, "load_size": 400},
            "relu1_2:0.1,relu2_2:0.3,relu3_4,relu4_4",
            300_000,
            50_000,
        ),
        way=INPAINT,
    ),
    "rehearsal-inpaint": Recipe(
        "to try this tool: worth nothing, trained in a minute",
        {
            "data": {"size": 32, "workers": 0},
            "networks": {"generator": "light", "width": 8, "blocks": 1},
            "objective": {"adversarial": 0.0, "perceptual": 0.0},
            "optimisation": {"batch_size": 2, "lr": 1e-3, "ema": 0.9, "pretrain_steps": 0},
            "run": {"steps": 400, "log_every": 10, "samples": 1, "tensorboard": False},
        },
        way=INPAINT,
    ),
}
