"""Only regular files are read: a pipe without a writer waits for ever, a device may have no end."""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path


def open_regular(path: Path | str) -> io.BufferedReader:
    """A regular file, or a link to one, open for reading. Raises OSError for anything else, without waiting for it."""
    _check(os.stat(path).st_mode, path)  # before it is opened: opening a device may do something to it
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        _check(os.fstat(descriptor).st_mode, path)  # and again, as it may have been replaced meanwhile
        return open(descriptor, "rb")
    except OSError:
        os.close(descriptor)
        raise


def _check(mode: int, path: Path | str) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "is a directory", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, f"is {_kind(mode)}, not a regular file", str(path))


def _kind(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"
