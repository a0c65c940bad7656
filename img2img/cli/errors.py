"""How a command ends: one line on stderr, and the exit code that says what it was."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

DONE, SOME_FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


def fail(message: str, code: int = WRONG_USAGE) -> NoReturn:
    """Prints `error: message` on stderr and exits."""
    print(f"error: {message}", file=sys.stderr)
    raise typer.Exit(code)


@contextmanager
def refusals() -> Iterator[None]:
    """Turns this package's own errors, and those of the file system, into one line and exit code 2.

    Any other exception is a bug, and shows its trace.
    """
    try:
        yield
    except ValueError as error:
        if not type(error).__module__.startswith("img2img."):
            raise
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
