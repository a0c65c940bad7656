"""Folders that results go to."""

from __future__ import annotations

import errno
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, unless it is there.

    Raises OSError; NotADirectoryError in words, naming the place, where a file is in the way.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        for place in (folder, *folder.parents):
            if place.exists() and not place.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, "is a file, not a folder", str(place)) from None
        raise
