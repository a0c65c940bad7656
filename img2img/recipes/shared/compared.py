"""What a recipe can show of held-out pictures to be measured by: what it made, and what is real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from torch import Tensor, nn

from img2img.recipes.recipe import Batch


@dataclass(frozen=True)
class Compared:
    """made, real: (N, C, H, W) in [-1, 1]; of sets there may be more of one than of the other, or none."""

    made: Tensor
    real: Tensor


@runtime_checkable
class Measured(Protocol):
    """A recipe whose pictures can be measured in the course of a run."""

    @property
    def compares(self) -> Literal["pairs", "sets"]:
        """pairs: each made picture is to be the real one of its row; sets: they are to look like the real ones."""

    def compared(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[Compared]:
        """What these generators make of a batch, against what is real; always as many, and of the same kinds."""


@runtime_checkable
class MeasuredByDomain(Measured, Protocol):
    """A recipe whose sets are parts of what is held out, one for each domain."""

    def fewest(self, held_out: Batch) -> int:
        """Pictures of the smallest set that `compared` would make of all of these."""
