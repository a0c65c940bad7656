"""What the commands that measure pictures share: one after another, and a picture that fails stops none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from img2img.config.base import Refusal

from .errors import SOME_FAILED, fail
from .figures import Headings, cell

if TYPE_CHECKING:
    from img2img.metrics.comparison import Figures


def measure_each(
    pictures: Iterable[tuple[str, Callable[[], Figures]]], count: int, headings: Headings, told: str, unit: str
) -> dict[str, Figures]:
    """Figures by name; a picture that cannot be read, made or measured is reported on stderr and left out.

    pictures: name -> what measures it, `count` of them. told: the figure of each that is reported, and its unit.
    """
    from img2img.images import ImageError, NotFiniteError

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
