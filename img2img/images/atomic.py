"""Files appear whole or not at all."""

from __future__ import annotations

import hashlib
import io
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
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, cast

from img2img.disk.regular import open_regular

_PREFIX, _SUFFIX = ".img2img-", ".tmp"
_NAME = re.compile(re.escape(_PREFIX) + r"([0-9a-f]{8})-(\d+)-[0-9a-f]{8}" + re.escape(_SUFFIX))
_ABANDONED = 86400  # seconds: nobody writes one file for a day


@contextmanager
def write_atomically(target: Path) -> Iterator[Path]:
    """Give a temporary path beside `target`; what the caller writes there becomes `target` when the block ends well.

    For libraries that open the file themselves and see a short write; Pillow does not: `open_atomically` is for those.
    The temporary file is hidden, in the same folder (so that the rename is atomic), and its name does not grow with
    the target's: a target whose name has the full 255 bytes works. It is synced to disk before it is renamed, and
    removed if anything is raised, Ctrl-C included. A symbolic link is replaced, never followed: what it points to may
    be anybody's. An existing file's mode is kept.

    Raises OSError: no such folder, `target` is a folder or a device, disk full, no permission.
    """
    place = _place_of(target)
    temporary = place.parent / f"{_PREFIX}{_process_space()}-{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"
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


@contextmanager
def open_atomically(target: Path) -> Iterator[Draft]:
    """As `write_atomically`, but give the temporary file itself, open: every short write is an OSError.

    Raises OSError also where the file has not the length that was written.
    """
    with write_atomically(target) as temporary, open(temporary, "xb+") as file:
        draft = Draft(file, temporary)
        yield draft
        draft.finish()


class Draft(io.BufferedIOBase):
    """A file that is being written and will be renamed. It has no descriptor to give away: an encoder that is given one
    writes to it in C, and Pillow's do not look at how much of it was written (a full disk, `ulimit -f`)."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._length = 0
        self.path = path

    def write(self, data: Any) -> int:
        """Everything, or OSError."""
        count = self._file.write(data)
        self._length = max(self._length, self._file.tell())
        return count

    def finish(self) -> None:
        """Everything handed to the system, and its length checked; may be called more than once. Raises OSError."""
        self._file.flush()
        found = os.fstat(self._file.fileno()).st_size
        if found != self._length:
            raise OSError(f"{self._length} bytes written, {found} in the file")

    def read(self, size: int | None = -1) -> bytes:
        return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        self._file.flush()

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    @property
    def stream(self) -> BinaryIO:
        """Itself, as type checkers want it."""
        return cast(BinaryIO, self)


def _place_of(target: Path) -> Path:
    """Where the name itself lies: links among its folders are followed, a link of this name is not."""
    place = Path(os.path.realpath(target.parent), target.name)
    if place.is_dir():
        raise IsADirectoryError(f"{target}: is a folder")
    if place.exists() and not place.is_file():
        # renaming over /dev/null, or /dev/stdout, would replace the device itself
        raise OSError(f"{target}: is no regular file")
    if not place.parent.is_dir():
        raise FileNotFoundError(f"{place.parent}: no such folder")
    return place


def sweep(folder: Path) -> None:
    """Remove temporary files whose process was killed: one that is no more, or any after a day.

    Whether a process lives can be asked only where its number is known: on this computer, since it was started, in this
    container. On a volume that is shared with others the names of theirs differ, and their files stay for a day.
    """
    for path in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        match = _NAME.fullmatch(path.name)
        with suppress(OSError):
            if match and (_is_dead(match) or time.time() - path.stat().st_mtime > _ABANDONED):
                path.unlink()


def _is_dead(match: re.Match[str]) -> bool:
    if match[1] != _process_space() or sys.platform == "win32":  # where asking whether a process lives would end it
        return False
    try:
        os.kill(int(match[2]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@cache
def _process_space() -> str:
    """Eight digits for where process numbers mean what they mean here: this computer, this boot, this namespace."""
    parts = [platform.node()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    with suppress(OSError):
        parts.append(os.readlink("/proc/self/ns/pid"))
    return f"{zlib.crc32(' '.join(parts).encode()):08x}"


def _mode_of(place: Path, temporary: Path) -> int:
    """The old file's mode, or what the umask gives a new one: found by making one, as asking os.umask for it sets it
    for every thread meanwhile."""
    if place.exists() and not place.is_symlink():
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
    """The SHA-256 of a file's content, hexadecimal. Raises OSError, also for a pipe or a device, which have no end."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
