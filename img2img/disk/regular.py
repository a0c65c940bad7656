"""Files of settings and weights are regular ones: a pipe without a writer waits for ever, a device may have no end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def require_regular(path: Path, *, follow: bool = True) -> None:
    """Raises OSError, in words, unless this is a file, or with `follow` a link to one; opens nothing.

    FileNotFoundError where there is none.
    """
    mode = os.stat(path, follow_symlinks=follow).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, f"is {_kind(mode)}, not a regular file", str(path))


def read_bounded(path: Path, most: int) -> bytes:
    """The content of a regular file. Raises OSError, also for one of more than `most` bytes, before it is read."""
    require_regular(path)
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"is larger than {most:,} bytes", str(path))
    return content


def open_own(path: Path, flags: int) -> int:
    """A descriptor of a file of ours that is written in place, made if missing. A link is refused, never followed.

    flags: such as os.O_APPEND | os.O_WRONLY. Raises OSError.
    """
    careful = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags | os.O_CREAT | careful, 0o666)
    except OSError as error:
        if path.is_symlink():
            raise OSError(errno.ELOOP, "is a link, which is not followed; remove it", str(path)) from error
        raise
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, f"is {_kind(mode)}, not a regular file", str(path))
    return descriptor


def _kind(mode: int) -> str:
    kinds = {stat.S_ISLNK: "a link", stat.S_ISFIFO: "a pipe", stat.S_ISSOCK: "a socket", stat.S_ISDIR: "a folder"}
    return next((words for fits, words in kinds.items() if fits(mode)), "a device")
