"""What distinguishes one `train` command from another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from img2img.config.base import Config
from img2img.config.sections.data import ImageData
from img2img.config.sections.run import Optimisation, Run
from img2img.data.dataset import Open, TrainingData
from img2img.data.derive import Derive
from img2img.recipes.recipe import Recipe


@dataclass(frozen=True)
class Kind:
    """What distinguishes one `train` command from another."""

    name: str
    config: type[Config]
    recipe: Callable[[Any, TrainingData], Recipe]
    """(config, data) -> recipe."""
    open: Open
    """What finds, checks and opens the data that the options name."""
    derive: Callable[[Any], Derive] = lambda config: Derive()
    """config -> what makes an augmented batch, on the device, into the recipe's: a lower resolution, masks."""


def of_sides(recipe: Callable[[Any, Mapping[str, str], Mapping[str, int]], Recipe]) -> Callable[..., Recipe]:
    """A recipe that wants to know of its data what their sides are called, and their channels."""

    def made(config: Any, data: TrainingData) -> Recipe:
        return recipe(config, data.names, data.channels)

    return made


class TrainOptions(Protocol):
    """The sections that every `train` command has."""

    @property
    def data(self) -> ImageData: ...
    @property
    def optimisation(self) -> Optimisation: ...
    @property
    def run(self) -> Run: ...
