"""What results lie in a folder and what they came from, so that a next call knows which are its own and still right.

`.img2img-manifest.jsonl` lies beside the results, one JSON line for each. A line is written when the result's file is
finished and before it is renamed: a process that is killed in between leaves a line too many, never a file too many.
"""

from __future__ import annotations

import json
import os
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from img2img.images.atomic import sha256

NAME = ".img2img-manifest"
SUFFIX = ".jsonl"


@dataclass(frozen=True)
class Stamp:
    """A file's content: its SHA-256, and what tells without reading it that it has not changed.

    size: bytes. modified, changed: the file system's two times, ns. The second moves with every change of the content
    and cannot be set; a rename moves it too, so that a result's is not kept (0).
    """

    size: int
    modified: int
    changed: int
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
        """As one line of the manifest."""
        return json.dumps(asdict(self), ensure_ascii=True, sort_keys=True) + "\n"

    @classmethod
    def from_line(cls, line: str) -> Entry | None:
        """None for a line that was cut off, or that another version wrote."""
        try:
            values = json.loads(line)
            stamps = {name: Stamp(**values[name]) for name in ("input", "result", "mask") if values.get(name)}
            return cls(**{**values, **stamps})
        except (ValueError, TypeError, KeyError):
            return None

    def same_inputs(self, source: Path, mask: Path | None) -> bool:
        """Whether these files have the content that the result was made from."""
        if self.mask is None or mask is None:
            return self.mask is None and mask is None and self.input.fits(source)
        return self.input.fits(source) and self.mask.fits(mask)

    def same_making(self, other_settings: Mapping[str, Any], weights: str) -> bool:
        """Whether these settings and weights would make it again."""
        return self.weights == weights and dict(self.settings) == dict(other_settings)


class Ledger:
    """The manifests of the folders in which results lie, each read when it is first asked for.

    Several processes may add to one manifest. A shard has a file of its own, as file systems of several computers
    promise nothing about two writers of one; all files of a folder are read.
    """

    def __init__(self, shard: str = "") -> None:
        """shard: part of the name of the files that are written, such as 2-of-8."""
        self._name = f"{NAME}.{shard}{SUFFIX}" if shard else f"{NAME}{SUFFIX}"
        self._folders: dict[Path, dict[str, list[Entry]]] = {}
        self._lock = threading.Lock()

    def origin(self, target: Path) -> Entry | None:
        """The entry of the file that lies at `target`; None where we did not write it, or somebody changed it."""
        entries = self._folder(target.parent).get(target.name, [])
        return next((entry for entry in reversed(entries) if entry.result.fits(target)), None)

    def add(self, folder: Path, entry: Entry) -> None:
        """Append a line, on disk when this returns. Raises OSError."""
        with self._lock, open(folder / self._name, "ab+", buffering=0) as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - 1))
            cut_off = file.read(1) not in (b"", b"\n")  # by a kill in the middle of a line
            file.write((("\n" if cut_off else "") + entry.to_line()).encode())
            os.fsync(file.fileno())

    def _folder(self, folder: Path) -> dict[str, list[Entry]]:
        if folder not in self._folders:
            found = self._folders[folder] = defaultdict(list)
            for path in sorted(folder.glob(f"{NAME}*{SUFFIX}")):
                for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                    if entry := Entry.from_line(line):
                        found[entry.target].append(entry)
        return self._folders[folder]
