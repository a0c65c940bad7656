"""How a session ends: its outcome, or the errors that say what of the run is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from img2img.config.base import UserError
from img2img.training.folder.run_folder import RunFolder


class Stopped(UserError, RuntimeError):
    """Something ended the run; the message says what of it is saved."""

    exit_code = 1


class Diverged(Stopped):
    """The loss was not finite, for too many steps or at the end, and such a state is not saved."""


class CannotSave(UserError, OSError):
    """A file of the run could not be written."""

    exit_code = 1


@dataclass(frozen=True)
class Outcome:
    """How a session ended."""

    step: int
    total: int
    reason: Literal["finished", "interrupted", "terminated", "time limit"]
    folder: RunFolder
    is_first: bool = True
    """Whether this is the rank that writes."""
