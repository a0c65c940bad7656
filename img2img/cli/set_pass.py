"""One pass over the pictures of a folder, told on stderr as it goes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .figures import note

if TYPE_CHECKING:
    from torch import Tensor

    from img2img.config.evaluate import FeatureMeasures
    from img2img.metrics.inception import Inception
    from img2img.metrics.picture_sets import PictureSet

_SECONDS = 10  # between two lines of progress


def seen(
    files: Sequence[Path], label: str, inception: Inception, measures: FeatureMeasures
) -> tuple[PictureSet, list[Path]]:
    """What the measures need of these files, and those of them that could be read; the others are told on stderr.

    Raises Refusal where none could.
    """
    from img2img.metrics.picture_sets import look_at

    good: list[Path] = []
    found = look_at(_readable(files, good), inception, measures.batch_size, telling(label, len(files)))
    return found, good


def seen_before(
    folder: Path, files: Sequence[Path], inception: Inception, measures: FeatureMeasures
) -> tuple[PictureSet, list[Path]]:
    """As `seen`, out of the cache where it has these very pictures, and into it where it has not."""
    from img2img.metrics.cache import cache_file, keep_set, read_set

    label = f"reference {folder}"
    if not measures.cache:
        return seen(files, label, inception, measures)
    kept = cache_file(folder, files, inception)
    found = read_set(kept)
    if found is not None:
        print(f"{label}: {len(found)} pictures, as kept in {kept}", file=sys.stderr)
        return found, list(files)
    found, good = seen(files, label, inception, measures)
    if len(good) == len(files):
        try:
            keep_set(kept, found)
        except OSError as error:
            note(f"the reference is not kept for the next time: {error}")
    return found, good


def telling(label: str, total: int) -> Callable[[int], None]:
    """Says on stderr how many of `total` pictures are done: now and then, and at the end."""
    last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if done >= total or time.monotonic() - last > _SECONDS:
            last = time.monotonic()
            print(f"{label}: {done} of {total} pictures", file=sys.stderr)

    return tell


def _readable(files: Sequence[Path], good: list[Path]) -> Iterator[Tensor]:
    """Each picture that can be read, its file noted in `good`."""
    from img2img.images import ImageError
    from img2img.metrics.folder_pictures import read_picture

    for path in files:
        try:
            picture = read_picture(path)
        except ImageError as error:
            print(f"failed: {error}", file=sys.stderr)
            continue
        good.append(path)
        yield picture
