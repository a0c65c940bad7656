"""Only regular files are read or written: a pipe without a writer waits for ever, a device may have no end."""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path

_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def require_regular(path: Path | str, *, follow: bool = True) -> None:
    """Raises OSError, in words, unless this is a file, or with `follow` a link to one; opens nothing.

    FileNotFoundError where there is none.
    """
    _require(os.stat(path, follow_symlinks=follow).st_mode, path)


def open_regular(path: Path | str) -> io.BufferedReader:
    """A regular file, or a link to one, open for reading. Raises OSError for anything else, without waiting for it."""
    require_regular(path)  # before it is opened: opening a device may do something to it
    descriptor = os.open(path, os.O_RDONLY | _AT_ONCE)
    _require_open(descriptor, path)  # and again, as it may have been replaced meanwhile
    return open(descriptor, "rb")


def read_bounded(path: Path, most: int) -> bytes:
    """The content of a regular file. Raises OSError, also for one of more than `most` bytes, which is not read on."""
    with open_regular(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"is larger than {most:,} bytes", str(path))
    return content


def open_own(path: Path, flags: int) -> int:
    """A descriptor of a file of ours that is written in place, made if missing. A link is refused, never followed.

    flags: such as os.O_APPEND | os.O_WRONLY. Raises OSError.
    """
    try:
        descriptor = os.open(path, flags | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | _AT_ONCE, 0o666)
    except OSError as error:
        if path.is_symlink():
            raise OSError(errno.ELOOP, "is a link, which is not followed; remove it", str(path)) from error
        raise
    _require_open(descriptor, path)
    return descriptor


def not_regular(mode: int) -> str:
    """What something is that is no regular file, by its mode, in words."""
    kinds = {stat.S_ISLNK: "a link", stat.S_ISFIFO: "a pipe", stat.S_ISSOCK: "a socket"}
    kind = next((words for fits, words in kinds.items() if fits(mode)), "a device")
    return f"is {kind}, not a regular file"


def _require(mode: int, path: Path | str) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, not_regular(mode), str(path))


def _require_open(descriptor: int, path: Path | str) -> None:
    """As `require_regular`, of what is open already; closes what is refused."""
    try:
        _require(os.fstat(descriptor).st_mode, path)
    except OSError:
        os.close(descriptor)
        raise
