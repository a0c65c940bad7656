"""One pass over the pictures of a set, told on stderr as it goes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from .figures import note

if TYPE_CHECKING:
    from img2img.config.evaluate import SetMeasures
    from img2img.metrics.folder_pictures import Folder
    from img2img.metrics.inception import Inception
    from img2img.metrics.picture_sets import PictureSet

Item = TypeVar("Item")
Made = TypeVar("Made")

_SECONDS = 10  # between two lines of progress


def good_ones(items: Iterable[Item], make: Callable[[Item], Made], failed: Callable[[Item], None]) -> Iterator[Made]:
    """What is made of each item; of one that cannot be read, or becomes no numbers, stderr and `failed` hear."""
    from img2img.images import ImageError, NotFiniteError

    for item in items:
        try:
            made = make(item)
        except (ImageError, NotFiniteError) as error:
            print(f"failed: {error}", file=sys.stderr)
            failed(item)
            continue
        yield made


def telling(label: str, total: int) -> Callable[[int], None]:
    """Says on stderr how many of `total` pictures are done: now and then, and at the end."""
    last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if done >= total or time.monotonic() - last > _SECONDS:
            last = time.monotonic()
            print(f"{label}: {done} of {total} pictures", file=sys.stderr)

    return tell


def seen(folder: Folder, inception: Inception, measures: SetMeasures, failed: list[Path]) -> PictureSet:
    """What the measures need of a folder's pictures; those that could not be read are in `failed`.

    Raises Refusal where none could.
    """
    from img2img.metrics.folder_pictures import read_picture
    from img2img.metrics.picture_sets import look_at

    pictures = good_ones(folder.files, read_picture, failed.append)
    return look_at(pictures, inception, measures.batch_size, telling(f"{folder.root}", len(folder.files)))


def seen_before(folder: Folder, inception: Inception, measures: SetMeasures, failed: list[Path]) -> PictureSet:
    """As `seen`, out of the cache where it has these very pictures, and into it where it has not."""
    from img2img.metrics.cache import cache_file, keep_set, read_set

    if not measures.cache:
        return seen(folder, inception, measures, failed)
    kept = cache_file(folder, inception)
    found = read_set(kept)
    if found is not None:
        print(f"{folder.root}: {len(found)} pictures, as kept in {kept}", file=sys.stderr)
        return found
    found = seen(folder, inception, measures, failed)
    if len(found) == len(folder.files):
        try:
            keep_set(kept, found)
        except OSError as error:
            note(f"{folder.root}: is not kept for the next time: {error}")
    return found
