"""What the server refuses: one line, and HTTP's number for it."""

from __future__ import annotations

from img2img.config.errors import UserError
from img2img.config.printable import printable


class Fault(UserError):
    """A request that is refused. status: HTTP's number."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def in_a_line(error: BaseException) -> str:
    """What went wrong, for a person; what no person can act on begins with its kind."""
    text = printable(" ".join(str(error).split()))
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return text if isinstance(error, UserError) and text else f"{type(error).__name__}: {text or 'no more is known'}"
