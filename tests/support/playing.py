"""Recipes of two phases with tiny networks, and random batches to play them with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from img2img.config.sections.two_phases import ADVERSARIAL
from img2img.config.toml import resolve
from img2img.config.train.inpaint import InpaintConfig
from img2img.config.train.srgan import SrganConfig
from img2img.data.sides import Sides
from img2img.recipes.inpaint import Inpaint
from img2img.recipes.srgan import Srgan
from img2img.training.step.trainer import Trainer

SIDE = 16
"""Of the pictures, px."""
LIGHT = {"generator": "light", "width": 4, "blocks": 1, "critic": "patch", "critic_width": 4, "critic_layers": 1}
SIDES = Sides({"high": 3}, {"high": "photos"})


@dataclass(frozen=True)
class Play:
    """A recipe, its options, and what its batches have beside the pictures: (N, 3, SIDE, SIDE) -> sides."""

    recipe: type[Any]
    options: type[Any]
    sides: Callable[[Tensor], dict[str, Tensor]]

    def config(self, **sections: dict[str, Any]) -> Any:
        """Options of a tiny run without VGG19, save for these."""
        sections["networks"] = LIGHT | sections.get("networks", {})
        sections["objective"] = {"perceptual": 0.0} | sections.get("objective", {})
        sections["optimisation"] = {"batch_size": 2} | sections.get("optimisation", {})
        sections["data"] = {"size": SIDE} | sections.get("data", {})
        return resolve(self.options, sections)

    def made(self, **sections: dict[str, Any]) -> Any:
        """The recipe, in its adversarial phase."""
        torch.manual_seed(0)
        recipe = self.recipe(self.config(**sections), SIDES)
        recipe.phase = ADVERSARIAL
        return recipe

    def trainer(self, total: int = 4, **sections: dict[str, Any]) -> Trainer:
        """What trains it for so many steps."""
        options, recipe = self.config(**sections), self.made(**sections)
        return Trainer(
            recipe, nn.Identity(), options.optimisation, options.run,
            device=torch.device("cpu"), precision="fp32", total=total,
        )  # fmt: skip

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Iterator[dict[str, Tensor]]:
        """Random batches by step, as `Augment` and what follows it give them."""
        while True:
            generator = torch.Generator().manual_seed(first_step)
            high = torch.rand(batch_size, 3, SIDE, SIDE, generator=generator) * 2 - 1
            yield {"high": high, **self.sides(high)}
            first_step += 1

    def batch(self) -> dict[str, Tensor]:
        """The first of them."""
        return next(self.batches(0, 0, 2))


def boxed(high: Tensor) -> dict[str, Tensor]:
    """A box of half of the sides is the hole."""
    mask = torch.zeros_like(high[:, :1])
    mask[:, :, 4:12, 4:12] = 1
    return {"mask": mask}


INPAINT = Play(Inpaint, InpaintConfig, boxed)
SRGAN = Play(Srgan, SrganConfig, lambda high: {"low": avg_pool2d(high, 4)})


def changed_by_a_step(run: Trainer, play: Play) -> tuple[list[bool], list[bool], dict[str, Tensor]]:
    """Which of the generators' and of the critics' weights a step changes, and its terms."""
    players = (run.generators, run.critics)
    before = [[weight.detach().clone() for weight in player.weights] for player in players]
    terms, _ = run.take_step(run.batches(play))
    generators, critics = (
        [not torch.equal(one, other) for one, other in zip(old, player.weights, strict=True)]
        for old, player in zip(before, players, strict=True)
    )
    return generators, critics, terms
