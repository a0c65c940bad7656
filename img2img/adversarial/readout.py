"""What a critic can tell of a picture beside its score: its class (ACGAN), or the codes it was made from (InfoGAN)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Readout:
    """What a critic's further head reads off pictures, next to the score, of what they are given with.

    cost: (read (N, R), given (N, ...)) -> scalar. Both players pay it for fakes: they are not opponents here.
    on_real: whether the critic pays it for real pictures, too, which then are what they are given with.
    """

    cost: Callable[[Tensor, Tensor], Tensor]
    on_real: bool
