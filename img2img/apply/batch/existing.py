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
_REASONS = {
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


def state_of(job: Job, ledger: Ledger, model: Conversion, quality: int | None) -> State:
    """What lies at a job's target."""
    if not os.path.lexists(job.target):
        return "new"
    origin = ledger.origin(job.target)
    if origin is None:
        return "other"
    same = origin.same_making(settings_of(model, quality), model.weights) and origin.same_inputs(job.source, job.mask)
    return "done" if same else "stale"


def split_jobs(
    jobs: Sequence[Job], ledger: Ledger, model: Conversion, quality: int | None, on_existing: OnExisting | None
) -> tuple[list[Job], list[tuple[Job, str]]]:
    """The jobs to do, and those to skip with the reason why.

    on_existing None: skip what is done, make again what is stale, refuse what is not ours.
    Raises PlanError where something is refused.
    """
    states = [(job, state_of(job, ledger, model, quality)) for job in jobs]
    refused, kept = _REFUSED.get(on_existing, ()), _KEPT.get(on_existing, ())
    there = [job.target for job, state in states if state in refused]
    if there:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        whose = "" if on_existing else ", and not as img2img left it"
        raise PlanError(f"{there[0]}{more} exists already{whose}; --on-existing skip or overwrite says what to do")
    todo = [job for job, state in states if state not in kept]
    return todo, [(job, _REASONS[state]) for job, state in states if state in kept]


def settings_of(model: Conversion, quality: int | None) -> dict[str, object]:
    """All but the input and the weights that decides what a result is; its format stands in its name."""
    return {**model.settings, "quality": quality}


def entry_of(job: Job, inputs: InputStamps, result: Stamp, model: Conversion, quality: int | None) -> Entry:
    """The manifest's line for a result that is about to appear."""
    made = settings_of(model, quality), model.weights
    return Entry(job.target.name, str(job.source), inputs.photo, *made, result, inputs.mask)
