"""Which result belongs to which reference: by name, before anything is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from img2img.config.base import Refusal
from img2img.images import by_name, list_images, probe

SHOWN = 5
"""Names that one line lists before it counts the rest."""


@dataclass(frozen=True)
class Match:
    """A reference and the file of the same name, if there is another folder; name: its path without the ending."""

    name: str
    reference: Path
    other: Path | None = None


def match(reference: Path, other: Path | None, option: str) -> tuple[list[Match], list[str]]:
    """Every reference with its partner in `other`, by their paths below the two folders without the ending.

    option: what `other` is called in messages, --images or --low.
    Returns: the matches in the order of names, and the names in `other` that no reference has.
    Raises: Refusal for no reference, or references without a partner, which are named; ImageError for one name twice.
    """
    truths = _by_name(reference, "--reference")
    if other is None:
        return [Match(name, path) for name, path in truths.items()], []
    partners = _by_name(other, option)
    alone = [name for name in truths if name not in partners]
    if alone:
        lacking = f"{len(alone)} of {len(truths)} references have no partner there: {first_few(alone)}"
        raise Refusal(f"{option} {other}: {lacking}")
    matches = [Match(name, path, partners[name]) for name, path in truths.items()]
    return matches, [name for name in partners if name not in truths]


def require_sizes(matches: Sequence[Match], multiple_of: int, factor: int) -> None:
    """Raise Refusal, naming the files, unless every other picture is `factor` times smaller than its reference, or than
    what remains of it when its sides are cut down to a multiple of `multiple_of` px."""
    wrong = []
    for pair in matches:
        if pair.other is None:
            continue
        (width, height), found = _size(pair.reference), _size(pair.other)
        wanted = {(width // m * m // factor, height // m * m // factor) for m in {multiple_of, factor}}
        if found not in wanted:
            sizes = " or ".join(f"{wide}x{high}" for wide, high in sorted(wanted))
            wrong.append(f"{pair.other} is {found[0]}x{found[1]}, must be {sizes}")
    if wrong:
        raise Refusal(f"sizes do not fit the references: {first_few(wrong)}")


def first_few(items: Sequence[str]) -> str:
    """The first few, then how many more."""
    listed = ", ".join(items[:SHOWN])
    return listed if len(items) <= SHOWN else f"{listed} and {len(items) - SHOWN} more"


def _by_name(folder: Path, option: str) -> dict[str, Path]:
    found = by_name(folder, list_images(folder))
    if not found:
        raise Refusal(f"{option} {folder}: no images there")
    return {name.as_posix(): path for name, path in found.items()}


def _size(path: Path) -> tuple[int, int]:
    facts = probe(path)
    return facts.width, facts.height
