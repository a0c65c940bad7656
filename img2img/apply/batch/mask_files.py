"""Which mask belongs to which photo: one for all, or one for each under its photo's name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from img2img.disk.regular import require_regular
from img2img.images import by_name, list_images
from img2img.images.names import name_below, partners

from .job import PlanError

Below = tuple[Path, Path]
"""A photo's file, and its path below the folder that was named."""

_SHOWN = 5
"""Names that one line lists before it counts the rest."""


def masks_of(photos: Sequence[Below], mask: Path) -> dict[Path, Path]:
    """{photo: its mask}: the file for all of them, or in a folder that of the same relative name, whatever its suffix;
    IMG_1.JPG finds img_1.png where no other is called so.

    Raises PlanError where there is none or one is lacking, naming the photos; ImageError for two of one name.
    """
    if not mask.exists():
        raise PlanError(f"--mask {mask}: no such file or folder")
    if not mask.is_dir():
        try:
            require_regular(mask)
        except OSError as error:
            raise PlanError(f"--mask {mask}: {error.strerror}") from None
        return {photo: mask for photo, _ in photos}
    there = by_name(mask, list_images(mask))
    names = partners([name_below(below) for _, below in photos], there)
    lacking = [str(below) for _, below in photos if name_below(below) not in names]
    if lacking:
        more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
        few = f"{', '.join(lacking[:_SHOWN])}{more}"
        used = set(names.values())
        spare = [str(file.relative_to(mask)) for file in there.values() if file not in used]
        others = f"; masks without a photo: {', '.join(spare[:_SHOWN])}" if spare else ""
        raise PlanError(
            f"--mask {mask}: {len(lacking)} of {len(photos)} photos have none of their name there: {few}{others}"
        )
    return {photo: names[name_below(below)] for photo, below in photos}


def is_mask(mask: Path | None) -> Callable[[Path], bool]:
    """Whether a file that was found among the photos is the mask, or lies in the folder of masks."""
    if mask is None:
        return lambda _: False
    place = mask.resolve()
    return lambda path: path.resolve().is_relative_to(place)
