"""Lines are added to a file whole or not at all, whoever else adds to it, and whatever the disk says."""

from __future__ import annotations

import os
import warnings
from contextlib import suppress
from pathlib import Path

from .locks import briefly, write_all
from .regular import open_own


def append_line(path: Path, line: str) -> None:
    """Adds a line, on disk when this returns; the file is made if missing.

    A last line that was cut off, by a kill in its middle, is ended first. Raises OSError; then the file is as it was.
    """
    descriptor = open_own(path, os.O_RDWR | os.O_APPEND)
    try:
        with briefly(descriptor) as locked:
            if not locked:
                warnings.warn(
                    f"{path.parent}: this file system has no locks; let one call at a time write there", stacklevel=2
                )
            add_line(descriptor, line)
            os.fsync(descriptor)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        os.close(descriptor)


def add_line(descriptor: int, line: str) -> None:
    """As `append_line`, to a file that is open for reading and appending, and that nobody else writes meanwhile; with
    the system when this returns, not yet on disk."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    os.lseek(descriptor, max(0, end - 1), os.SEEK_SET)
    cut_off = os.read(descriptor, 1) not in (b"", b"\n")
    try:
        write_all(descriptor, (("\n" if cut_off else "") + line + "\n").encode())
    except OSError:
        with suppress(OSError):
            os.ftruncate(descriptor, end)
        raise
