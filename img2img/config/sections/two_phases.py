"""What the tasks share that learn from pixels first, and then from a critic and from VGG19, too."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import Field

from .objective import Adversarial
from .perceptual import Perceptual
from .run import Optimisation, Phase, Run, Schedule

PRETRAINING, ADVERSARIAL = "pixel pretraining", "adversarial"
"""The names of the two phases."""


QUICK: dict[str, Any] = {
    "data": {"size": 64},
    "networks": {"generator": "light", "width": 32, "critic": "patch", "critic_width": 32, "critic_layers": 2},
    "objective": {"perceptual_layers": "relu1_2:0.1,relu2_2"},
    "optimisation": {"batch_size": 8, "pretrain_lr": 1e-3, "lr": 2e-4, "ema": 0.99},
    "run": {"steps": 2000, "sample_every": 200},
}
"""The preset of that name: small enough for two CPU cores."""


class TwoPhaseObjective(Adversarial, Perceptual):
    """objective"""

    fixed: ClassVar[frozenset[str]] = Adversarial.fixed | {"adversarial"}

    adversarial: float = Field(0.1, ge=0)
    """Weight of the adversarial term in the generator's loss; 0: no critic at all."""
    shift: int = Field(0, ge=0, le=64)
    """Critic and VGG19 see windows of the pictures, this many px smaller, at a random place. Their strides and poolings
    make a grid, which the generator could copy as a weave; 8 prevents that; 0: off."""
    pixel_cost: Literal["l1", "mse"] = "l1"
    """How pixels are compared."""


class TwoPhaseOptimisation(Optimisation):
    """optimisation"""

    batch_size: int = Field(16, ge=1)
    """Images of one step, on each device."""
    lr: float = Field(1e-4, gt=0)
    """Learning rate of the generator once the critic plays."""
    initial_std: float | None = Field(0.0, ge=0)
    """Standard deviation of the first weights, N(0, std); 0: as each network begins by itself."""
    pretrain_steps: int | None = Field(None, ge=0)
    """Steps, of all the run's, in which only pixels count and the critic is idle [default: half of the run; 0 with
    --start-from]."""
    pretrain_lr: float = Field(2e-4, gt=0)
    """Learning rate of the pretraining."""
    pretrain_schedule: Schedule | None = None
    """How the rate falls during the pretraining; --schedule is for the phase after it [default: as --schedule]."""

    def with_length(self, total: int) -> Self:
        """With the length of the pretraining."""
        if self.pretrain_steps is not None:
            return self
        return self.model_copy(update={"pretrain_steps": 0 if self.start_from else total // 2})

    def phases(self, total: int) -> tuple[Phase, ...]:
        """Pixel pretraining, then the adversarial phase, each with its own schedule; one of no steps is left out."""
        first = min(self.with_length(total).pretrain_steps or 0, total)
        rate = self.pretrain_lr / self.lr
        both = (
            Phase(PRETRAINING, 0, first, self.pretrain_schedule or self.schedule, rate),
            Phase(ADVERSARIAL, first, total - first, self.schedule),
        )
        return tuple(phase for phase in both if phase.length)


class LongRun(Run):
    """run"""

    steps: int | None = Field(None, ge=1)
    """Length of the run, generator steps; the total, also when resumed [default: 100000]."""
    epochs: float | None = Field(None, gt=0, le=10**6)
    """Length of the run, passes through the data, in place of --steps."""

    def length(self, steps_per_epoch: int) -> int:
        """What is asked for, else 100 000 steps: an epoch is little where a picture is seen in part, or with a hole."""
        return super().length(steps_per_epoch) if self.steps or self.epochs else 100_000
