"""Locks between processes; said where a file system has none."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE = 30.0
"""Seconds that a writer of one line waits for another's."""

_TAKEN = (errno.EACCES, errno.EAGAIN)
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


class NoLocks(OSError):
    """The file system has no locks."""


def take(descriptor: int) -> bool:
    """Locks an open file until it is closed; False where another one holds it, in this process or elsewhere.

    A process that is forked afterwards holds it, too, until it ends. Raises NoLocks.
    """
    if fcntl is None:
        raise NoLocks(errno.ENOSYS, "this system has no locks of files")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        if error.errno in _NO_LOCKS:
            raise NoLocks(error.errno, "this file system has no locks") from error
        raise
    return True


@contextmanager
def briefly(descriptor: int, patience: float = PATIENCE) -> Iterator[bool]:
    """Holds the lock for the block; gives False where the file system has none.

    Raises OSError where somebody else holds it for longer than `patience` seconds.
    """
    deadline = time.monotonic() + patience
    try:
        while not take(descriptor):
            if time.monotonic() > deadline:
                raise OSError(errno.EAGAIN, f"locked by another process for {patience:g} s")
            time.sleep(0.01)
    except NoLocks:
        yield False
        return
    try:
        yield True
    finally:
        assert fcntl is not None
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def write_all(descriptor: int, data: bytes) -> None:
    """Every byte. Raises OSError: a short write is the sign of a full disk, and the next try says so."""
    view = memoryview(data)
    while view:
        written = os.write(descriptor, view)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        view = view[written:]
