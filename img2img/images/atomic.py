"""Files appear whole or not at all."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


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
    temporary = place.parent / f".img2img-{secrets.token_hex(6)}.tmp"
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
