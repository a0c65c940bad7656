"""Which file becomes which: decided, and checked for collisions, before any work starts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from img2img.config.base import Refusal
from img2img.images import FORMATS, SUFFIXES, list_images


class PlanError(Refusal):
    """The sources and the output do not make a plan."""


@dataclass(frozen=True)
class Job:
    """One photo's way: source file, target file."""

    source: Path
    target: Path


def plan(sources: Sequence[Path], out: Path | None, label: str, suffix: str | None = None) -> list[Job]:
    """The jobs for files and folders (walked, their structure kept).

    out: a file for a single source file, else a folder; None: beside each source as `name.label.suffix`.
    suffix: of the results, such as ".png"; None: the source's own.
    Raises PlanError for a source that is not there, two sources with one target, a target that is a source.
    """
    found = [entry for source in sources for entry in _expand(source)]
    if not found:
        raise PlanError(f"{', '.join(map(str, sources))}: no images there ({' '.join(sorted(SUFFIXES))})")
    single = len(sources) == 1 and not sources[0].is_dir()
    to_file = out is not None and single and not out.is_dir() and not str(out).endswith(os.sep)
    jobs = []
    for path, below in found:
        # A format that is read but not written becomes PNG, which loses nothing.
        ending = suffix or (path.suffix if path.suffix.lower() in FORMATS else ".png")
        if out is None:
            target = path.with_name(f"{path.stem}.{label}{ending}")
        elif to_file:
            target = out if out.suffix else out.with_suffix(ending)
        else:
            target = out / below.with_suffix(ending)
        jobs.append(Job(path, target))
    if out is None:  # results of an earlier call are not photos to convert again
        jobs = [job for job in jobs if single or not job.source.stem.endswith(f".{label}")]
    _refuse_collisions(jobs)
    return jobs


def _expand(source: Path) -> list[tuple[Path, Path]]:
    """(file, its path below the source) for a file or a folder."""
    if source.is_dir():
        return [(path, path.relative_to(source)) for path in list_images(source)]
    if not source.exists():
        raise PlanError(f"{source}: no such file or folder")
    return [(source, Path(source.name))]


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
