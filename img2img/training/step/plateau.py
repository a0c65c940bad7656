"""The schedule that goes by what comes of it: the rate falls where a figure has stopped getting better."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from img2img.config.base import Refusal
from img2img.config.sections.run import Optimisation

Reduce = Callable[[Tensor], Tensor]
"""The mean of a tensor over ranks."""


class Plateau:
    """A factor on the learning rates, 1 at first, times `options.plateau_factor` whenever `options.patience` looks in
    a row have found no better figure than the best one. Each phase of a run begins anew.

    A look is at the mean of a loss term since the last look, or at a figure that somebody measures and hands in; less
    is better. All of its state is in the checkpoint, so that a resumed run looks at the same steps and numbers.
    """

    def __init__(self, options: Optimisation) -> None:
        self.options = options
        self.sure = False
        """Whether the loss has been found among the terms."""
        self._begin("")

    def _begin(self, phase: str) -> None:
        self.phase = phase
        self.factor = 1.0
        self.best = math.inf
        self.waited = 0
        self._sum: Tensor | float = 0.0
        self._count = 0

    def enter(self, phase: str) -> None:
        """The phase that the next step belongs to."""
        if phase != self.phase:
            self._begin(phase)

    def hear(self, terms: Mapping[str, Tensor], step: int, mean: Reduce) -> None:
        """The terms that `step` has charged, counted from 1; looks where it is time to. Every rank must call it.

        Raises Refusal where the run's first step has no such term. Later ones may lack it: some penalties are lazy.
        """
        name = self.options.plateau_of
        if name is None:
            return
        if name in terms:
            self._sum, self._count, self.sure = self._sum + terms[name].detach().float(), self._count + 1, True
        elif not self.sure:
            raise Refusal(f"--plateau-of {name}: no such loss; there are: {', '.join(sorted(terms))}")
        if step % self.options.plateau_every == 0 and self._count:
            self.look(float(mean(torch.as_tensor(self._sum / self._count))))
            self._sum, self._count = 0.0, 0

    def look(self, figure: float) -> None:
        """Compares a figure, the same on every rank, with the best one; one that is not finite is no better."""
        if figure < self.best:
            self.best, self.waited = figure, 0
            return
        self.waited += 1
        if self.waited >= self.options.patience:
            self.factor, self.waited = self.factor * self.options.plateau_factor, 0

    def state_dict(self, mean: Reduce) -> dict[str, Any]:
        """Everything that a resumed run needs: of the losses since the last look, the mean over ranks."""
        total = float(mean(torch.as_tensor(self._sum)))
        kept = {"factor": self.factor, "best": self.best, "waited": self.waited, "sum": total, "count": self._count}
        # JSON, which a checkpoint's outline is, has no number for what is not finite.
        return {"phase": self.phase} | {name: value if math.isfinite(value) else None for name, value in kept.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Puts back what state_dict gave. Raises KeyError or TypeError for anything else."""
        self.phase, self.sure = str(state["phase"]), True
        self.factor, self.waited, self._count = float(state["factor"]), int(state["waited"]), int(state["count"])
        self.best = math.inf if state["best"] is None else float(state["best"])
        self._sum = math.nan if state["sum"] is None else float(state["sum"])
