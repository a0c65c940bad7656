"""What a critic can tell of a picture beside its score: its class (ACGAN), or the codes it was made from (InfoGAN)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Readout:
    """What a critic's further head reads off pictures, next to the score, of what they are given with.

    cost: (read (N, R), given (N, ...)) -> scalar. The generator pays it for fakes: the two are not opponents here.
    on_real: whether the critic pays it for real pictures, which then are what they are given with. on_fake: whether it
    pays for fakes, too.
    """

    cost: Callable[[Tensor, Tensor], Tensor]
    on_real: bool
    on_fake: bool = True
