"""What to do where a result lies already: nothing that somebody else made is ever lost."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from img2img.apply.conversion import Conversion
from img2img.config.apply import OnExisting

from .job import Job, PlanError
from .manifest import Entry, Ledger, Stamp

State = Literal["new", "done", "stale", "other"]
"""Of a target: nothing there; ours, from the same input, settings and weights; ours, from others; not ours."""

_REFUSED: dict[OnExisting | None, tuple[State, ...]] = {None: ("other",), "fail": ("done", "stale", "other")}
_KEPT: dict[OnExisting | None, tuple[State, ...]] = {None: ("done",), "skip": ("done", "stale", "other")}
_REASONS: dict[State, str] = {
    "done": "done before",
    "stale": "made from another input or with other settings",
    "other": "not made by img2img",
}


@dataclass(frozen=True)
class InputStamps:
    """What a job's files were when they were read."""

    photo: Stamp
    mask: Stamp | None

    @classmethod
    def of(cls, job: Job) -> InputStamps:
        """Raises OSError."""
        return cls(Stamp.of(job.source), Stamp.of(job.mask) if job.mask else None)


@dataclass(frozen=True)
class Making:
    """How a call makes its results, and what it does where one lies already. on_existing, quality: as `run_batch`."""

    model: Conversion
    ledger: Ledger
    quality: int | None
    on_existing: OnExisting | None

    @property
    def settings(self) -> dict[str, object]:
        """All but the input and the weights that decides what a result is; its format stands in its name."""
        return {**self.model.settings, "quality": self.quality}

    def state_of(self, job: Job, *, fresh: bool = False) -> State:
        """What lies at a job's target. fresh: as another call may have left it since the manifest was read."""
        if not os.path.lexists(job.target):
            return "new"
        origin = self.ledger.origin(job.target, fresh=fresh)
        if origin is None:
            return "other"
        same = origin.same_making(self.settings, self.model.weights) and origin.same_inputs(job.source, job.mask)
        return "done" if same else "stale"

    def reason_to_keep(self, state: State) -> str:
        """Why a photo is skipped where its target is in this state; "" where it is not."""
        return _REASONS[state] if state in _KEPT.get(self.on_existing, ()) else ""

    def refuses(self, state: State) -> bool:
        """Whether a target in this state may not be touched."""
        return state in _REFUSED.get(self.on_existing, ())

    def entry_of(self, job: Job, inputs: InputStamps, result: Stamp) -> Entry:
        """The manifest's line for a result that is about to appear."""
        made = self.settings, self.model.weights
        return Entry(job.target.name, str(job.source), inputs.photo, *made, result, inputs.mask)


def split_jobs(jobs: Sequence[Job], making: Making) -> tuple[list[Job], list[tuple[Job, str]]]:
    """The jobs to do, and those to skip with the reason why.

    on_existing None: skip what is done, make again what is stale, refuse what is not ours.
    Raises PlanError where something is refused.
    """
    states = [(job, making.state_of(job)) for job in jobs]
    there = [job.target for job, state in states if making.refuses(state)]
    if there:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        whose = "" if making.on_existing else ", and not as img2img left it"
        raise PlanError(f"{there[0]}{more} exists already{whose}; --on-existing skip or overwrite says what to do")
    todo = [job for job, state in states if not making.reason_to_keep(state)]
    return todo, [(job, reason) for job, state in states if (reason := making.reason_to_keep(state))]
