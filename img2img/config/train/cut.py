"""Everything `img2img train cut` can be told (arXiv:2007.15651)."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from img2img.config.base import Config
from img2img.config.sections.data import UnpairedData
from img2img.config.sections.objective import Adversarial, GameName
from img2img.config.sections.run import Optimisation, Run

from .cyclegan import CycleganNetworks


class CutNetworks(CycleganNetworks):
    """networks"""

    fixed: ClassVar[frozenset[str]] = CycleganNetworks.fixed | {"nce_layers", "nce_width"}

    nce_layers: str | None = None
    """Activations of the generator by which patches are told apart, comma-separated: picture, down1, ..., block1, ...
    [default: the paper's: picture, the halvings, block1 and block5; of a U-Net picture and down1 to down4]."""
    nce_width: int = Field(256, ge=1, le=2**16)
    """Numbers that a patch is compared by; each activation has a head of two layers that finds them."""


class CutObjective(Adversarial):
    """objective"""

    game: GameName = "lsgan"
    """The game: which losses the critic and the generator minimise, with their penalties."""
    nce: float = Field(1.0, ge=0)
    """Weight of PatchNCE, by which a patch stays what it was when its picture is translated."""
    nce_identity: float = Field(1.0, ge=0)
    """Weight of PatchNCE on pictures of the second domain, which are to stay as they are; 0: off."""
    nce_patches: int = Field(256, ge=2, le=2**16)
    """Places of a picture that are told from each other, at most."""
    nce_temperature: float = Field(0.07, gt=0, le=100)
    """What similarities are divided by."""
    flip_equivariance: bool = False
    """Translate half of the batches mirrored, and compare them with the pictures as they were."""


_PAPER: dict[str, Any] = {
    "data": {"size": 256, "load_size": 286, "fit": "stretch"},
    "networks": {"upsample": "bilinear-zeros", "antialias": True, "critic_antialias": True},
    # Its code pays (s - 1)^2 to the critic, where the game of that name here has half of it, as its paper.
    "objective": {"game": "lsgan", "adversarial": 2.0},
    "optimisation": {"ema": 0.0, "initial_gain": 0.02},
    "run": {"precision": "fp32"},
}


def _preset(**sections: dict[str, Any]) -> dict[str, Any]:
    return _PAPER | {name: _PAPER[name] | options for name, options in sections.items()}


class CutConfig(Config):
    """Options of `img2img train cut`."""

    data: UnpairedData = UnpairedData()
    networks: CutNetworks = CutNetworks()
    objective: CutObjective = CutObjective()
    optimisation: Optimisation = Optimisation()
    run: Run = Run()

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        # Section 4 and appendix C: batch 1, 200 + 200 epochs, no pool. The text weighs both terms with 1; the code,
        # from which its results are, takes their mean.
        "paper": _preset(objective={"nce": 0.5, "nce_identity": 0.5}, run={"epochs": 400}),
        # FastCUT: 150 + 50 epochs, no identity, and the weight that makes up for it.
        "fastcut": _preset(
            objective={"nce": 10.0, "nce_identity": 0.0, "flip_equivariance": True},
            optimisation={"decay_from": 0.75},
            run={"epochs": 200},
        ),
        # Small enough for two CPU cores.
        "quick": {
            "data": {"size": 64, "load_size": 96},
            "networks": {"width": 32, "blocks": 4, "critic_width": 32, "critic_layers": 2},
            "optimisation": {"batch_size": 4, "lr": 4e-4, "ema": 0.99},
            "run": {"steps": 1500, "sample_every": 300},
        },
    }
