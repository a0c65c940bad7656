"""How a command ends: one line on stderr, and the exit code that says what it was."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from img2img.config.errors import UserError
from img2img.config.printable import printable

DONE, SOME_FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


def fail(message: str, code: int = WRONG_USAGE) -> NoReturn:
    """Prints `error: message` on stderr and exits."""
    print(f"error: {printable(message)}", file=sys.stderr)
    raise typer.Exit(code)


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what a person can act on, errors of the file system included, into one line and its exit code.

    Any other exception is a bug, and shows its trace.
    """
    try:
        yield
    except UserError as error:
        fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        raise  # whoever read has had enough, as `| head` does: typer ends without a word
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
