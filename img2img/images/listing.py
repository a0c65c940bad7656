"""The one door to a folder: what lies in it is looked at, kind and name, before anything of it is opened."""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from img2img.disk.regular import not_regular
from img2img.images.facts import SUFFIXES
from img2img.images.photo import ImageError

SYSTEM_FOLDERS = frozenset(
    ("@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "@tmp", "$recycle.bin", "recycler")
    + ("lost+found", "system volume information", "__macosx", "temporaryitems")
)
"""Folders that servers, cameras and systems put beside photos, in lower case; what is hidden is left out besides."""

COMPANIONS = frozenset(
    (".txt", ".md", ".rst", ".pdf", ".doc", ".docx", ".odt", ".html", ".htm", ".css", ".js", ".url", ".lnk", ".log")
    + (".json", ".jsonl", ".xml", ".csv", ".tsv", ".toml", ".yaml", ".yml", ".ini", ".cfg", ".db", ".sqlite", ".ctl")
    + (".xmp", ".aae", ".thm", ".lrv", ".pp3", ".dop", ".cos", ".md5", ".sha1", ".sha256", ".py", ".sh", ".ipynb")
    + (".m", ".mat", ".npy", ".npz", ".pkl", ".pt", ".pth", ".ckpt", ".safetensors", ".onnx", ".h5")
)
"""Endings of what lies beside pictures and is none: nobody misses it among the results."""


@dataclass(frozen=True)
class Listing:
    """What was found below a folder.

    files: pictures by their ending, sorted. left_out: endings of other files, and how many of each; "" for none.
    troubles: what cannot be looked into or read, and why.
    """

    folder: Path
    files: tuple[Path, ...] = ()
    left_out: Counter[str] = field(default_factory=Counter)
    troubles: tuple[tuple[Path, str], ...] = ()

    def left_out_in_words(self) -> str:
        """9 .heic, 3 .dng; "" for nothing."""
        most_first = sorted(self.left_out.items(), key=lambda item: (-item[1], item[0]))
        return ", ".join(f"{count:,} {ending or 'without an ending'}" for ending, count in most_first)

    def in_lines(self) -> list[str]:
        """What a user should know of it, a line each."""
        lines = [f"{path}: left out: {reason}" for path, reason in self.troubles]
        words = self.left_out_in_words()
        return [*lines, f"{self.folder}: left out: {words}"] if words else lines


def look_into(folder: Path) -> Listing:
    """Everything below a folder, but for what is hidden and what systems keep there.

    Links to folders are followed, each folder once: a folder's own place counts before a link to it, and a link that
    leads back up is none of its pictures. Nothing is opened. Raises ImageError where `folder` cannot be read.
    """
    walk = _Walk(folder)
    walk.go()
    return walk.listing()


def list_images(folder: Path) -> list[Path]:
    """The pictures that `look_into` finds, sorted. Raises ImageError where `folder` is no folder that can be read."""
    return list(look_into(folder).files)


class _Walk:
    """One walk: folders first where they are, then by the links to them."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ImageError(f"{folder}: {'is a file, not a folder' if folder.exists() else 'no such folder'}")
        self._root = folder
        self._seen: set[tuple[int, int]] = set()
        self._above = {_identity(place) for place in folder.resolve().parents}
        self._links: list[Path] = []
        self._files: list[Path] = []
        self._left_out: Counter[str] = Counter()
        self._troubles: list[tuple[Path, str]] = []

    def go(self) -> None:
        """Raises ImageError where the first folder cannot be read."""
        self._visit(self._root)
        if self._troubles and self._troubles[0][0] == self._root:
            raise ImageError(f"{self._root}: {self._troubles[0][1]}")
        while self._links:  # sorted within a level, so that the order is always the same
            links, self._links = sorted(self._links), []
            for link in links:
                self._visit(link)

    def listing(self) -> Listing:
        return Listing(self._root, tuple(sorted(self._files)), self._left_out, tuple(self._troubles))

    def _visit(self, folder: Path) -> None:
        """A folder and all below it that is no link."""
        waiting = [folder]
        while waiting:
            place = waiting.pop()
            try:
                identity = _identity(place)
                if identity in self._seen or identity in self._above:
                    continue
                self._seen.add(identity)
                with os.scandir(place) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                self._troubles.append((place, _reason(error)))
                continue
            for entry in found:
                waiting += self._take(entry, place / entry.name)

    def _take(self, entry: os.DirEntry[str], path: Path) -> list[Path]:
        """Notes one entry; returns the folder that it is."""
        if entry.name.startswith("."):
            return []
        ending = path.suffix.lower()
        try:
            if entry.is_dir():
                if entry.name.lower() in SYSTEM_FOLDERS:
                    return []
                if entry.is_symlink():
                    self._links.append(path)
                    return []
                return [path]
            mode = entry.stat().st_mode
        except OSError as error:  # a link to nowhere, or to itself
            if ending in SUFFIXES or not ending:
                self._troubles.append((path, _reason(error)))
            return []
        if not stat.S_ISREG(mode):
            self._troubles.append((path, not_regular(mode)))
        elif ending in SUFFIXES:
            self._files.append(path)
        elif ending not in COMPANIONS:
            self._left_out[ending] += 1
        return []


def _identity(folder: Path) -> tuple[int, int]:
    facts = folder.stat()
    return facts.st_dev, facts.st_ino


def _reason(error: OSError) -> str:
    return (error.strerror or "cannot be read").lower()
