"""One pass over the pictures of a set, told on stderr as it goes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from img2img.cli.errors import SOME_FAILED, fail
from img2img.config.base import Refusal

from .tables import Headings, cell, note

if TYPE_CHECKING:
    from img2img.config.evaluate import SetMeasures
    from img2img.metrics.sets.features import PictureSet
    from img2img.metrics.sets.inception import Inception
    from img2img.metrics.sets.pictures import Pictures, Reference

if TYPE_CHECKING:
    from img2img.metrics.picture_figures import Figures

Item = TypeVar("Item")
Made = TypeVar("Made")

_SECONDS = 10  # between two lines of progress


def good_ones(items: Iterable[Item], make: Callable[[Item], Made], failed: Callable[[Item], None]) -> Iterator[Made]:
    """What is made of each item; of one that cannot be read, or becomes no numbers, stderr and `failed` hear."""
    from img2img.apply.engine.forward import NotFiniteError
    from img2img.images import ImageError

    for item in items:
        try:
            made = make(item)
        except (ImageError, NotFiniteError) as error:
            print(f"failed: {error}", file=sys.stderr)
            failed(item)
            continue
        yield made


def progress_printer(label: str, total: int) -> Callable[[int], None]:
    """Says on stderr how many of `total` pictures are done: now and then, and at the end."""
    last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if done >= total or time.monotonic() - last > _SECONDS:
            last = time.monotonic()
            print(f"{label}: {done} of {total} pictures", file=sys.stderr)

    return tell


def features_of(pictures: Pictures, inception: Inception, measures: SetMeasures, failed: list[int]) -> PictureSet:
    """What the measures need of these pictures; the places of those that could not be read are in `failed`.

    Raises Refusal where none could.
    """
    from img2img.metrics.sets.features import gather

    readings = enumerate(pictures.in_turn())
    good = good_ones(readings, lambda reading: reading[1](), lambda reading: failed.append(reading[0]))
    return gather(good, inception, measures.batch_size, progress_printer(pictures.name, len(pictures)))


def cached_features_of(
    pictures: Reference, inception: Inception, measures: SetMeasures, failed: list[int]
) -> PictureSet:
    """As `features_of`, out of the cache where it has these very pictures, and into it where it has not."""
    from img2img.metrics.sets.cache import cache_file, keep_set, read_set

    if not measures.cache:
        return features_of(pictures, inception, measures, failed)
    kept = cache_file(pictures, inception)
    found = read_set(kept)
    if found is not None:
        print(f"{pictures.name}: {len(found)} pictures, as kept in {kept}", file=sys.stderr)
        return found
    found = features_of(pictures, inception, measures, failed)
    if len(found) == len(pictures):
        try:
            keep_set(kept, found)
        except OSError as error:
            note(f"{pictures.name}: is not kept for the next time: {error}")
    return found


def measure_each(
    pictures: Iterable[tuple[str, Callable[[], Figures]]], count: int, headings: Headings, told: str, unit: str
) -> dict[str, Figures]:
    """Figures by name; a picture that cannot be read, made or measured is reported on stderr and left out.

    pictures: name -> what measures it, `count` of them. told: the figure of each that is reported, and its unit.
    """
    from img2img.apply.engine.forward import NotFiniteError
    from img2img.images import ImageError

    rows: dict[str, Figures] = {}
    for number, (name, measure) in enumerate(pictures, 1):
        place = f"[{number}/{count}] {name}"
        try:
            rows[name] = measure()
        except (ImageError, NotFiniteError, Refusal) as error:
            print(f"{place}: failed: {error}", file=sys.stderr)
            continue
        print(f"{place}: {cell(headings, told, rows[name][told])} {unit}", file=sys.stderr)
    return rows


def require_all(rows: dict[str, Figures], count: int) -> None:
    """Exit with 1, saying so, where pictures failed."""
    if len(rows) < count:
        fail(f"{count - len(rows)} of {count} pictures failed", SOME_FAILED)
