"""Which file becomes which: decided, and checked for collisions, before any work starts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from img2img.images import FORMATS, SUFFIXES, list_images
from img2img.images.recognise import ending_of

from .job import Job, PlanError, Shard
from .manifest import Ledger
from .mask_files import is_mask, masks_of

_LONGEST_NAME = 255
"""Of a file, bytes, on every common file system."""


def plan(
    sources: Sequence[Path],
    out: Path | str | None,
    label: str,
    suffix: str | None = None,
    shard: Shard | None = None,
    mask: Path | None = None,
) -> list[Job]:
    """The jobs for files and folders (walked, their structure kept).

    out: a file for a single source file, else a folder (as a string that ends with a slash always a folder); None:
    beside each source as `name.label.suffix`.
    suffix: of the results, such as ".png"; None: the source's own, or that of its content where its name has another.
    shard: leave the other parts' jobs out, after all have been checked. Beside the sources results of
    earlier calls are left out, too: by the manifest, and by name.
    mask: a file for all of them, or a folder with one for each; masks that lie among the photos are none.
    Raises PlanError for a source that is not there, two sources with one target, a target that is a source, a photo
    without a mask.
    """
    found = [entry for source in sources for entry in _expand(source, mask)]
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
    masks = masks_of(found, mask) if mask else {}
    jobs = {}
    for path, below in found:
        # A format that is read but not written becomes PNG, which loses nothing.
        own = suffix or ending_of(path) or path.suffix  # of the content: a name may say what it likes
        ending = own if own.lower() in FORMATS else ".png"
        if out is None:
            target = path.with_name(_fitting(path.stem, f".{label}{ending}"))
        elif to_file:
            target = out if out.suffix else out.with_suffix(ending)
        else:
            target = out / below.with_name(_fitting(below.stem, ending))
        jobs[Job(path, target, masks.get(path))] = below
    _refuse_collisions(list(jobs))
    return [job for job, below in jobs.items() if shard is None or shard.has(below)]


def _check_suffix(out: Path, asked: str | None) -> None:
    kind = FORMATS.get(out.suffix.lower())
    if kind is None:
        raise PlanError(f"{out}: cannot be written in this format; allowed: {' '.join(FORMATS)}")
    if asked and FORMATS[asked] != kind:
        raise PlanError(f"{out}: is no name for --format {asked.removeprefix('.')}")


def _expand(source: Path, mask: Path | None) -> list[tuple[Path, Path]]:
    """(file, its path below the source) for a file or a folder, without the masks that lie there."""
    if source.is_dir():
        masked = is_mask(mask)
        return [(path, path.relative_to(source)) for path in list_images(source) if not masked(path)]
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
    sources = {path.resolve() for job in jobs for path in (job.source, job.mask) if path}
    first: dict[Path, Path] = {}
    for job in jobs:
        target = job.target.resolve()
        if target in sources:
            raise PlanError(f"{job.source} → {job.target}: a result must not overwrite an input; choose another --out")
        if target in first:
            raise PlanError(f"{first[target]} and {job.source} would both become {job.target}; convert them apart")
        first[target] = job.source
