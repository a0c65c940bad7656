"""One run at a time in a folder: its name is reserved as it is made, and a lock is held for the session."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from img2img.config.base import Refusal
from img2img.disk.locks import NoLocks, take, write_all
from img2img.disk.regular import open_own

LOCK = ".lock"
PATIENCE = 2.0
"""Seconds: a process that was killed is gone by then, with its lock."""


def reserved(recipe: str, parent: Path = Path("runs")) -> Path:
    """A new folder of this call's own: runs/RECIPE, or runs/RECIPE-2, -3, ... where earlier runs are."""
    parent.mkdir(parents=True, exist_ok=True)
    names = _names(parent / recipe)
    while True:
        with suppress(FileExistsError):
            (path := next(names)).mkdir()
            return path


def unused(recipe: str, parent: Path = Path("runs")) -> Path:
    """What `reserved` would give now, without making it."""
    return next(path for path in _names(parent / recipe) if not path.exists())


def _names(first: Path) -> Iterator[Path]:
    yield first
    yield from (first.with_name(f"{first.name}-{number}") for number in count(2))


@contextmanager
def occupied(folder: Path, tell: Callable[[str], None], made: bool = False) -> Iterator[None]:
    """Holds the folder, which is made if missing, for this process; leaves none behind that it made for nothing.

    made: it was made just now. tell: hears, in a line, where the file system has no locks. Raises Refusal where
    another run holds the folder, or where the folder is a link.
    """
    if folder.is_symlink():
        raise Refusal(f"{folder}: is a link, into which no run writes; name the folder itself: {folder.resolve()}")
    made = made or not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LOCK
    descriptor = open_own(path, os.O_RDWR)
    # Workers are forked; one that outlives this process for a moment must not hold the lock in its place.
    os.register_at_fork(after_in_child=lambda: _close(descriptor, path))
    try:
        try:
            if not _taken(descriptor):
                raise Refusal(f"{folder}: {_holder(descriptor)} is at work in this folder; wait for it, or stop it")
            if not (path.exists() and os.path.samestat(os.fstat(descriptor), path.stat())):
                raise Refusal(f"{folder}: was removed by another run as it ended; call again")
            os.ftruncate(descriptor, 0)
            write_all(descriptor, f"process {os.getpid()} on {platform.node()}\n".encode())
        except NoLocks:
            tell(f"{folder}: this file system has no locks; see to it that no other run writes there")
        try:
            yield
        finally:
            with suppress(OSError):
                _remove_if_unused(folder, made)
    finally:
        with suppress(OSError):  # in a child that was forked it is closed already
            os.close(descriptor)


def _taken(descriptor: int) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not take(descriptor):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _holder(descriptor: int) -> str:
    words = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
    return words if words.isprintable() and words.startswith("process ") else "another process"


def _close(descriptor: int, path: Path) -> None:
    """Closes it in a child, unless the number means another file by then."""
    with suppress(OSError):
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            os.close(descriptor)


def _remove_if_unused(folder: Path, made: bool) -> None:
    """Where nothing but the lock lies there: the run was refused before it began."""
    if [path.name for path in folder.iterdir()] == [LOCK]:
        (folder / LOCK).unlink()
        if made:
            folder.rmdir()
