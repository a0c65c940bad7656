"""What a person can act on. Without pydantic, which `img2img --help` does not wait for."""

from __future__ import annotations

from typing import ClassVar


class UserError(Exception):
    """What a person can act on. The message is one line: the file or option, its value, what is allowed.

    Commands print it without a trace and end with `exit_code`: 2 for wrong usage or bad data, found before any work; 1
    for work that failed on the way. Any other exception is a bug.
    """

    exit_code: ClassVar[int] = 2


class Refusal(UserError, ValueError):
    """What was asked cannot be done."""
