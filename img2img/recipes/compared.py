"""What a recipe can show of held-out pictures to be measured by: what it made, and what is real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from torch import Tensor, nn

from .recipe import Batch


@dataclass(frozen=True)
class Compared:
    """made, real: (N, C, H, W) in [-1, 1]."""

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
