"""What distinguishes one `train` command from another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from img2img.config.base import Config
from img2img.config.card import Task
from img2img.config.sections.data import ImageData
from img2img.config.sections.run import Optimisation, Run
from img2img.data.derive import Derive
from img2img.data.loading.dataset import OpenData
from img2img.data.sides import Sides

from .recipe import Recipe


class RecipeClass(Protocol):
    """The class of a recipe: called with the options and what there is to know of the data, it makes one."""

    @property
    def name(self) -> str:
        """As in `img2img train NAME`."""

    @property
    def task(self) -> Task:
        """What its models are for."""

    def __call__(self, config: Any, sides: Sides) -> Recipe: ...


@dataclass(frozen=True)
class Kind:
    """What distinguishes one `train` command from another: a row, which stands at the end of the recipe's file."""

    config: type[Config]
    recipe: RecipeClass
    open: OpenData
    """What finds, checks and opens the data that the options name."""
    derive: Callable[[Any], Derive] = lambda config: Derive()
    """config -> what makes an augmented batch, on the device, into the recipe's: a lower resolution, masks."""

    @property
    def name(self) -> str:
        """As in `img2img train NAME`."""
        return self.recipe.name


class TrainOptions(Protocol):
    """The sections that every `train` command has."""

    @property
    def data(self) -> ImageData: ...
    @property
    def optimisation(self) -> Optimisation: ...
    @property
    def run(self) -> Run: ...
