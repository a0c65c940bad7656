"""Which file becomes which: decided, and checked for collisions, before any work starts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from img2img.images import FORMATS, SUFFIXES, list_images
from img2img.images.listing import look_into
from img2img.images.recognise import ending_of

from .job import Job, PlanError, Shard
from .manifest import Ledger
from .mask_files import is_mask, masks_of

_LONGEST_NAME = 255
"""Of a file, bytes, on every common file system."""

_LONGEST_LABEL = 60
"""Of what a model calls its results, letters."""


def plan(
    sources: Sequence[Path],
    out: Path | str | None,
    label: str,
    suffix: str | None = None,
    shard: Shard | None = None,
    mask: Path | None = None,
    *,
    one_of_several: bool = False,
) -> list[Job]:
    """The jobs for files and folders (walked, their structure kept).

    out: a file for a single source file, else a folder (as a string that ends with a slash always a folder); None:
    beside each source as `name.label.suffix`.
    suffix: of the results, such as ".png"; None: the source's own, or that of its content where its name has another.
    shard: leave the other parts' jobs out, after all have been checked. Beside the sources results of earlier calls
    are left out, too: by the manifest, and by name; of a folder that holds `out`, what lies in `out`.
    mask: a file for all of them, or a folder with one for each; masks that lie among the photos are none.
    one_of_several: each photo has other results, too, so that each has its label in its name, in a folder as well.
    Raises PlanError for a source that is not there, two sources with one target, a target that is a source, one file
    for several photos, a photo without a mask.
    """
    found = [entry for source in sources for entry in _expand(source, mask, out)]
    if not found:
        raise PlanError(f"{', '.join(map(str, sources))}: no images there{_what_else(sources)}")
    single = len(sources) == 1 and not sources[0].is_dir()
    if out is not None and not single:
        _require_folder(out, sources)
    if out is None and not single:
        found = _without_results(found, label)
    to_file = out is not None and single and _names_a_file(out, suffix, one_of_several)
    out = None if out is None else Path(out)
    masks = masks_of(found, mask) if mask else {}
    label = _in_a_name(label)
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
            target = out / below.with_name(_fitting(below.stem, f".{label}{ending}" if one_of_several else ending))
        jobs[Job(path, target, masks.get(path))] = below
    refuse_collisions(list(jobs))
    return [job for job, below in jobs.items() if shard is None or shard.has(below)]


def _names_a_file(out: Path | str, suffix: str | None, one_of_several: bool) -> bool:
    """Whether the result of a single file goes to `out` itself, not into it. Raises PlanError where it cannot."""
    if isinstance(out, str) and out.endswith(("/", os.sep)):
        return False
    out = Path(out)
    if out.is_dir():
        return False
    if one_of_several:
        if out.suffix.lower() in SUFFIXES:
            raise PlanError(f"-o {out}: names one file, and there are several results; name a folder")
        return False
    if out.suffix:
        _check_suffix(out, suffix)
    return True


def _check_suffix(out: Path, asked: str | None) -> None:
    kind = FORMATS.get(out.suffix.lower())
    if kind is None:
        raise PlanError(f"{out}: cannot be written in this format; allowed: {' '.join(FORMATS)}")
    if asked and FORMATS[asked] != kind:
        raise PlanError(f"{out}: is no name for --format {asked.removeprefix('.')}")


def _require_folder(out: Path | str, sources: Sequence[Path]) -> None:
    """Several photos do not become one file: whoever writes `-o one.png` may mean either."""
    path = Path(out)
    if path.is_dir() or (isinstance(out, str) and out.endswith(("/", os.sep))):
        return
    what = f"{len(sources)} sources" if len(sources) > 1 else f"the folder {sources[0]}"
    if path.exists():
        raise PlanError(f"-o {out}: is a file, and {what} need a folder")
    if path.suffix.lower() in SUFFIXES:
        raise PlanError(f"-o {out}: names one file, for {what}; name a folder (-o {out}/ is one of this name)")


def _expand(source: Path, mask: Path | None, out: Path | str | None) -> list[tuple[Path, Path]]:
    """(file, its path below the source) for a file or a folder, without the masks and results that lie there."""
    if source.is_dir():
        masked, made = is_mask(mask), _is_below(source, out)
        found = list_images(source)
        return [(path, path.relative_to(source)) for path in found if not (masked(path) or made(path))]
    if not source.exists():
        raise PlanError(f"{source}: no such file or folder{_unquoted(source)}")
    return [(source, Path(source.name))]


def _is_below(source: Path, out: Path | str | None) -> Callable[[Path], bool]:
    """Whether a file of the source lies in the folder of results, where that is one of the source's own."""
    place, root = (None, source) if out is None else (Path(out).resolve(), source.resolve())
    if place is None or place == root or not place.is_relative_to(root) or not place.is_dir():
        return lambda _: False
    return lambda path: path.resolve().is_relative_to(place)


def _what_else(sources: Sequence[Path]) -> str:
    """What lies there instead of pictures that are read."""
    words = [look_into(source).left_out_in_words() for source in sources if source.is_dir()]
    return f"; left out: {', '.join(filter(None, words))}" if any(words) else f" ({' '.join(sorted(SUFFIXES))})"


def _unquoted(source: Path) -> str:
    """A hint where a name with blanks was cut at them by the shell: `my photo.jpg` without quotes."""
    try:
        near = sorted(name for name in os.listdir(source.parent) if " " in name and source.name in name.split(" "))
    except OSError:
        near = []
    return f'; a name with blanks stands in quotes: "{source.parent / near[0]}"' if near else ""


def _in_a_name(label: str) -> str:
    """What a model calls its results, as a part of a file's name."""
    plain = "".join(letter if letter.isprintable() and letter not in "/\\" else "-" for letter in label)
    return plain[:_LONGEST_LABEL]


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
    """stem + ending, the stem cut where a file's name could not be so long: then its hash tells it from its likes."""
    name, room = os.fsencode(stem), _LONGEST_NAME - len(os.fsencode(ending))
    if len(name) <= room:
        return stem + ending
    told_apart = f"~{hashlib.blake2b(name, digest_size=4).hexdigest()}"
    cut = name[: room - len(told_apart)]
    try:
        stem.encode()
    except UnicodeEncodeError:  # no UTF-8 anyway
        return os.fsdecode(cut) + told_apart + ending
    return cut.decode(errors="ignore") + told_apart + ending


def refuse_collisions(jobs: Sequence[Job]) -> None:
    """Raises PlanError where a result would overwrite an input or another result."""
    sources = {path.resolve() for job in jobs for path in (job.source, job.mask) if path}
    first: dict[Path, Path] = {}
    for job in jobs:
        target = job.target.resolve()
        if target in sources:
            raise PlanError(f"{job.source} → {job.target}: a result must not overwrite an input; choose another --out")
        if target in first:
            raise PlanError(f"{first[target]} and {job.source} would both become {job.target}; convert them apart")
        first[target] = job.source
