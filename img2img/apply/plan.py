"""Which file becomes which: decided, and checked for collisions, before any work starts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from img2img.config.base import Refusal
from img2img.images import FORMATS, SUFFIXES, list_images

from .manifest import Ledger

_LONGEST_NAME = 255
"""Of a file, bytes, on every common file system."""


class PlanError(Refusal):
    """The sources and the output do not make a plan."""


@dataclass(frozen=True)
class Job:
    """One photo's way: source file, target file."""

    source: Path
    target: Path


@dataclass(frozen=True)
class Shard:
    """One of `count` parts of a folder, the `number`-th from 1, for as many computers or job array tasks.

    A photo's part follows from its name below the folder alone, so that the parts fit together even if photos come
    and go between their starts.
    """

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise PlanError(f"--shard {self.number}/{self.count}: allowed: 1/{self.count} to {self.count}/{self.count}")

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Of the form 2/8. Raises PlanError."""
        number, slash, count = text.partition("/")
        if not (slash and number.isdecimal() and count.isdecimal() and int(count)):
            raise PlanError(f"--shard {text}: write it as 2/8, the second part of eight")
        return cls(int(number), int(count))

    def has(self, below: Path) -> bool:
        """Whether a photo is in this part, by its path below the folder."""
        digest = hashlib.blake2b(os.fsencode(below.as_posix()), digest_size=8).digest()
        return int.from_bytes(digest, "big") % self.count == self.number - 1


def plan(
    sources: Sequence[Path], out: Path | str | None, label: str, suffix: str | None = None, shard: Shard | None = None
) -> list[Job]:
    """The jobs for files and folders (walked, their structure kept).

    out: a file for a single source file, else a folder (as a string that ends with a slash always a folder); None:
    beside each source as `name.label.suffix`.
    suffix: of the results, such as ".png"; None: the source's own. shard: leave the other parts' jobs out, after all
    have been checked. Beside the sources results of earlier calls are left out, too: by the manifest, and by name.
    Raises PlanError for a source that is not there, two sources with one target, a target that is a source.
    """
    found = [entry for source in sources for entry in _expand(source)]
    if not found:
        raise PlanError(f"{', '.join(map(str, sources))}: no images there ({' '.join(sorted(SUFFIXES))})")
    single = len(sources) == 1 and not sources[0].is_dir()
    if out is None and not single:
        found = _without_results(found, label)
    folder = isinstance(out, str) and out.endswith(("/", os.sep))
    out = None if out is None else Path(out)
    to_file = out is not None and single and not folder and not out.is_dir()
    if to_file and out is not None and out.suffix:
        _check_suffix(out, suffix)
    jobs = {}
    for path, below in found:
        # A format that is read but not written becomes PNG, which loses nothing.
        ending = suffix or (path.suffix if path.suffix.lower() in FORMATS else ".png")
        if out is None:
            target = path.with_name(_fitting(path.stem, f".{label}{ending}"))
        elif to_file:
            target = out if out.suffix else out.with_suffix(ending)
        else:
            target = out / below.with_name(_fitting(below.stem, ending))
        jobs[Job(path, target)] = below
    _refuse_collisions(list(jobs))
    return [job for job, below in jobs.items() if shard is None or shard.has(below)]


def _check_suffix(out: Path, asked: str | None) -> None:
    kind = FORMATS.get(out.suffix.lower())
    if kind is None:
        raise PlanError(f"{out}: cannot be written in this format; allowed: {' '.join(FORMATS)}")
    if asked and FORMATS[asked] != kind:
        raise PlanError(f"{out}: is no name for --format {asked.removeprefix('.')}")


def _expand(source: Path) -> list[tuple[Path, Path]]:
    """(file, its path below the source) for a file or a folder."""
    if source.is_dir():
        return [(path, path.relative_to(source)) for path in list_images(source)]
    if not source.exists():
        raise PlanError(f"{source}: no such file or folder")
    return [(source, Path(source.name))]


def _without_results(found: list[tuple[Path, Path]], label: str) -> list[tuple[Path, Path]]:
    ledger = Ledger()
    stems = {path.with_suffix("") for path, _ in found}
    return [
        (path, below)
        for path, below in found
        if not (path.stem.endswith(f".{label}") and path.with_name(path.stem.removesuffix(f".{label}")) in stems)
        and ledger.origin(path) is None
    ]


def _fitting(stem: str, ending: str) -> str:
    """stem + ending, the stem cut where a file's name could not be so long."""
    room = _LONGEST_NAME - len(os.fsencode(ending))
    return os.fsencode(stem)[:room].decode(errors="ignore") + ending


def _refuse_collisions(jobs: Sequence[Job]) -> None:
    sources = {job.source.resolve() for job in jobs}
    first: dict[Path, Path] = {}
    for job in jobs:
        target = job.target.resolve()
        if target in sources:
            raise PlanError(f"{job.source} → {job.target}: a result must not overwrite an input; choose another --out")
        if target in first:
            raise PlanError(f"{first[target]} and {job.source} would both become {job.target}; convert them apart")
        first[target] = job.source
