"""Files appear whole or not at all."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import stat
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX, _SUFFIX = ".img2img-", ".tmp"
_NAME = re.compile(re.escape(_PREFIX) + r"([0-9a-f]{8})-(\d+)-[0-9a-f]{8}" + re.escape(_SUFFIX))
_ABANDONED = 86400  # seconds: nobody writes one file for a day


@contextmanager
def write_atomically(target: Path) -> Iterator[Path]:
    """Give a temporary path beside `target`; what the caller writes there becomes `target` when the block ends well.

    The temporary file is hidden, in the same folder (so that the rename is atomic), and its name does not grow with
    the target's: a target whose name has the full 255 bytes works. It is synced to disk before it is renamed, and
    removed if anything is raised, Ctrl-C included. A symbolic link is followed; an existing file's mode is kept.

    Raises OSError: no such folder, `target` is a folder or a device, disk full, no permission.
    """
    place = Path(os.path.realpath(target))
    if place.is_dir():
        raise IsADirectoryError(f"{target}: is a folder")
    if place.exists() and not place.is_file():
        # renaming over /dev/null would replace the device itself
        raise OSError(f"{target}: is no regular file")
    if not place.parent.is_dir():
        raise FileNotFoundError(f"{place.parent}: no such folder")
    temporary = place.parent / f"{_PREFIX}{_computer()}-{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"
    try:
        mode = _mode_of(place, temporary)
        yield temporary
        with open(temporary, "rb+") as written:
            os.fsync(written.fileno())
        # a library that makes the temporary file itself may give it a mode for nobody else: safetensors does
        temporary.chmod(mode)
        os.replace(temporary, place)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(place.parent)


def sweep(folder: Path) -> None:
    """Remove temporary files whose process was killed: one of this computer that is no more, or any after a day."""
    for path in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        match = _NAME.fullmatch(path.name)
        with suppress(OSError):
            if match and (_is_dead(match) or time.time() - path.stat().st_mtime > _ABANDONED):
                path.unlink()


def _is_dead(match: re.Match[str]) -> bool:
    if match[1] != _computer() or sys.platform == "win32":  # where asking whether a process lives would end it
        return False
    try:
        os.kill(int(match[2]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _computer() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _mode_of(place: Path, temporary: Path) -> int:
    """The old file's mode, or what the umask gives a new one: found by making one, as asking os.umask for it sets it
    for every thread meanwhile."""
    if place.exists():
        return stat.S_IMODE(place.stat().st_mode)
    with open(temporary, "xb") as made:
        mode = stat.S_IMODE(os.fstat(made.fileno()).st_mode)
    temporary.unlink()
    return mode


def _sync_folder(folder: Path) -> None:
    # The rename itself reaches the disk only with its folder; Windows and some network drives cannot open one.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sha256(path: Path) -> str:
    """The SHA-256 of a file's content, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
