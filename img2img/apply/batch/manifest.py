"""What results lie in a folder and what they came from, so that a next call knows which are its own and still right.

`.img2img-manifest.jsonl` lies beside the results, one JSON line for each. A line is written when the result's file is
finished and before it is renamed: a process that is killed in between leaves a line too many, never a file too many.
"""

from __future__ import annotations

import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, with_config

from img2img.disk.regular import require_regular
from img2img.disk.structure import parsed, validated
from img2img.disk.whole_lines import append_line
from img2img.images.atomic import sha256

from .job import PlanError

NAME = ".img2img-manifest"
SUFFIX = ".jsonl"
LONGEST_LINE = 1 << 18
"""Bytes: two paths of 4,096 bytes each, escaped, and the stamps take less than 60,000."""

Count = Annotated[int, Field(strict=True, ge=-(2**63), lt=2**63)]
"""What a file system may say of a file."""


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class Stamp:
    """A file's content: its SHA-256, and what tells without reading it that it has not changed.

    size: bytes. modified, changed: the file system's two times, ns. The second moves with every change of the content
    and cannot be set; a rename moves it too, so that a result's is not kept (0).
    """

    size: Count
    modified: Count
    changed: Count
    sha256: str

    @classmethod
    def of(cls, path: Path, *, renamed: bool = False) -> Stamp:
        """The stamp of a file as it is. renamed: it will be. Raises OSError."""
        facts = path.stat()
        return cls(facts.st_size, facts.st_mtime_ns, 0 if renamed else facts.st_ctime_ns, sha256(path))

    def fits(self, path: Path) -> bool:
        """Whether a file has this content; it is read only if its times have moved."""
        try:
            facts = path.stat()
            if facts.st_size != self.size:
                return False
            if facts.st_mtime_ns == self.modified and self.changed in (0, facts.st_ctime_ns):
                return True
            return sha256(path) == self.sha256
        except OSError:
            return False


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class Entry:
    """Where a result came from. target: its name in the folder. weights: SHA-256 of their file. mask: the second input
    of tasks that have one."""

    target: str
    source: str
    input: Stamp
    settings: Mapping[str, Any]
    weights: str
    result: Stamp
    mask: Stamp | None = None

    def to_line(self) -> str:
        """As one line of the manifest, without its end."""
        return json.dumps(asdict(self), ensure_ascii=True, sort_keys=True)

    @classmethod
    def from_line(cls, line: str | bytes) -> Entry | None:
        """None for a line that was cut off, that another version wrote, or that is none of ours."""
        try:
            entry: Entry = validated(_ENTRY, parsed(line))
        except ValueError:
            return None
        return entry

    def same_inputs(self, source: Path, mask: Path | None) -> bool:
        """Whether these files have the content that the result was made from."""
        if self.mask is None or mask is None:
            return self.mask is None and mask is None and self.input.fits(source)
        return self.input.fits(source) and self.mask.fits(mask)

    def same_making(self, other_settings: Mapping[str, Any], weights: str) -> bool:
        """Whether these settings and weights would make it again."""
        return self.weights == weights and dict(self.settings) == dict(other_settings)


_ENTRY = TypeAdapter(Entry)


class Ledger:
    """The manifests of the folders in which results lie, each read when it is first asked for.

    Several processes may add to one manifest. A shard has a file of its own, as file systems of several computers
    promise nothing about two writers of one; all files of a folder are read.
    """

    def __init__(self, shard: str = "") -> None:
        """shard: part of the name of the files that are written, such as 2-of-8."""
        self._name = f"{NAME}.{shard}{SUFFIX}" if shard else f"{NAME}{SUFFIX}"
        self._folders: dict[Path, _Folder] = {}
        self._lock = threading.Lock()

    def origin(self, target: Path, *, fresh: bool = False) -> Entry | None:
        """The entry of the file that lies at `target`; None where we did not write it, or somebody changed it.

        fresh: read what other calls have added since. Raises PlanError for a manifest that is no regular file.
        """
        entries = self._folder(target.parent, fresh).get(target.name, [])
        return next((entry for entry in reversed(entries) if entry.result.fits(target)), None)

    def add(self, folder: Path, entry: Entry) -> None:
        """Append a line, on disk when this returns. Raises OSError; then nothing of it is there."""
        append_line(folder / self._name, entry.to_line())

    def check(self, folder: Path) -> None:
        """Raises PlanError where a manifest in the folder is a link, or no file at all."""
        for path in _manifests(folder):
            _facts_of(path)

    def _folder(self, folder: Path, fresh: bool) -> dict[str, list[Entry]]:
        with self._lock:
            if folder not in self._folders:
                known = self._folders[folder] = _Folder()
                known.read(_manifests(folder))
            elif fresh:  # without listing the folder, which may hold 100,000 results
                known = self._folders[folder]
                known.read([*known.manifests, folder / self._name])
            return self._folders[folder].entries


class _Folder:
    """What the manifests of one folder say, and how far each has been read: its number and a place in it."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Entry]] = defaultdict(list)
        self.manifests: dict[Path, tuple[int, int]] = {}

    def read(self, paths: list[Path]) -> None:
        """Takes in what is new. Raises PlanError for what is no regular file."""
        for path in dict.fromkeys(paths):
            if (facts := _facts_of(path)) is None:
                continue
            number, done = self.manifests.get(path, (facts.st_ino, 0))
            if number != facts.st_ino or facts.st_size < done:
                done = 0  # another file of this name
            if facts.st_size > done:
                for line, end in _lines(path, done):
                    done = end
                    if entry := Entry.from_line(line):
                        self.entries[entry.target].append(entry)
            self.manifests[path] = facts.st_ino, done


def _manifests(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{NAME}*{SUFFIX}"))


def _facts_of(path: Path) -> os.stat_result | None:
    """None where there is no file. Raises PlanError where it is none of ours."""
    try:
        require_regular(path, follow=False)
        return path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PlanError(f"{path}: {error.strerror}; remove it to go on") from None


def _lines(path: Path, start: int) -> Iterator[tuple[bytes, int]]:
    """The whole lines of a manifest from byte `start` on, and where each ends; what is longer than any of ours is
    passed over without being held. Raises PlanError where it cannot be read."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise PlanError(f"{path}: {error.strerror}") from None
    with open(handle, "rb") as file:
        file.seek(start)
        begins = True
        while line := file.readline(LONGEST_LINE):
            ends = line.endswith(b"\n")
            if begins and ends:
                yield line, file.tell()
            begins = ends
