"""The photos that are open: files of this computer that the command named, and copies of what was dropped.

A request names a photo by its number alone, so that no path comes from a page.
"""

from __future__ import annotations

import itertools
import shutil
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from img2img.config.base import Refusal
from img2img.images import SUFFIXES, list_images, probe
from img2img.images.recognise import ending_of

from .faults import Fault

MOST = 500
"""Photos that are open at once."""
_LONGEST_NAME = 100


@dataclass(frozen=True)
class OpenPhoto:
    """An open photo. own: it lies where its owner has it, so that results may be saved beside it. width, height: of the
    upright photo."""

    number: int
    path: Path
    name: str
    own: bool
    width: int
    height: int

    def facts(self) -> dict[str, object]:
        """For the page."""
        return {"id": self.number, "name": self.name, "own": self.own, "width": self.width, "height": self.height}


class Gallery:
    """All open photos; for several threads."""

    def __init__(self, folder: Path, max_pixels: int) -> None:
        """folder: for copies of what is dropped."""
        self.max_pixels = max_pixels
        self._folder = folder
        self._photos: dict[int, OpenPhoto] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def open_sources(self, sources: Sequence[str]) -> list[str]:
        """Opens files and folders; returns a line for each photo that could not be.

        Raises Refusal for a source that is not there, or too many photos.
        """
        files: list[Path] = []
        for source in map(Path, sources):
            if not source.exists():
                raise Refusal(f"{source}: no such file or folder")
            files += list_images(source) if source.is_dir() else [source]
        if len(files) > MOST:
            raise Refusal(f"{len(files)} photos; allowed: up to {MOST} at once")
        troubles = []
        for path in dict.fromkeys(files):
            try:
                self._add(path, path.name, own=True)
            except Refusal:
                raise
            except Exception as error:
                troubles.append(str(error))
        return troubles

    async def take(self, name: str, body: AsyncIterator[bytes]) -> OpenPhoto:
        """A copy of what was dropped. Raises ImageError where it is no photo, Fault where there are too many."""
        if len(self._photos) >= MOST:
            raise Fault(429, f"{MOST} photos are open; close some first")
        place = self._folder / str(next(self._numbers))
        place.mkdir(parents=True)
        try:
            path = place / plain_name(name)
            with path.open("xb") as file:
                async for part in body:
                    file.write(part)
            path = named_by_content(path)
            return self._add(path, path.name, own=False)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise

    def photo(self, number: int) -> OpenPhoto:
        """Raises Fault 404."""
        with self._lock:
            found = self._photos.get(number)
        if found is None:
            raise Fault(404, "this photo is no longer open; reload the page")
        return found

    def all(self) -> list[OpenPhoto]:
        """In the order in which they were opened."""
        with self._lock:
            return list(self._photos.values())

    def close(self, number: int) -> None:
        """Forgets a photo, and removes it where it is a copy; the owner's file stays. Raises Fault 404."""
        photo = self.photo(number)
        with self._lock:
            self._photos.pop(number, None)
        if not photo.own:
            shutil.rmtree(photo.path.parent, ignore_errors=True)

    def _add(self, path: Path, name: str, own: bool) -> OpenPhoto:
        facts = probe(path, max_pixels=self.max_pixels)
        photo = OpenPhoto(next(self._numbers), path, name, own, facts.width, facts.height)
        with self._lock:
            self._photos[photo.number] = photo
        return photo


def plain_name(name: str) -> str:
    """The last part of a name that came from elsewhere, as a file may be called anywhere."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(letter if letter.isprintable() and letter not in '<>:"|?*' else "-" for letter in last)
    stem, dot, suffix = plain.lstrip(".").rpartition(".")
    if not stem:
        stem, dot, suffix = suffix, "", ""
    while len(stem.encode()) > _LONGEST_NAME:
        stem = stem[:-1]
    return f"{stem or 'photo'}{dot}{suffix[:10]}"


def named_by_content(path: Path) -> Path:
    """The file with the ending of its content, where its name has none of a picture's. Raises ImageError."""
    if path.suffix.lower() in SUFFIXES:
        return path
    ending = ending_of(path)
    return path.rename(path.with_name(path.name + ending)) if ending else path
