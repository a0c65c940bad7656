"""Whether pictures are side-by-side A|B pairs, or ordinary photos that nobody wants cut in halves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from img2img.images import ImageError, ImageFacts, read_training_image

SHAPES_ALIKE = 0.02
"""Shapes, width by height, that differ by less than this share are one."""

TWO_SQUARES = 2.0
"""Shape of the usual pair."""

LOOKED_AT = 16
"""Pictures whose middle is looked at."""

SEAM = 2.0
"""How many times as much the two middle columns differ as their neighbours do, at least, where two pictures meet.
Measured as the median of 16 pictures, 500 times: of the 100 photos of examples/photos 0.7 to 1.4; of the same beside
their prints 7 to 21 (single photos 0.3 to 4.1, single pairs 4.1 to 42)."""
FLAT = 0.5
"""Mean difference of neighbouring columns below which they are of one colour, 8-bit steps."""
MANY_ODD = 2
"""So many odd widths may be slips, each of which is named; more are no slips."""

INSTEAD = "two sub-folders, or --a DIR --b DIR, hold pairs by name; --side-by-side takes the pictures as they are"


def why_no_pairs(files: Sequence[Path], facts: Mapping[Path, ImageFacts]) -> str:
    """Why these are plainly no A|B pairs, in a line with what to do; "" where they may be."""
    known = [(file, facts[file]) for file in files if file in facts]
    if not known:
        return ""
    shapes = sorted(header.width / header.height for _, header in known)
    if (upright := sum(shape < 1 for shape in shapes)) * 2 > len(shapes):
        return f"{upright} of {len(shapes)} pictures are taller than wide, no side-by-side A|B pairs; {INSTEAD}"
    odd = [f"{file} is {header.width}x{header.height}" for file, header in known if header.width % 2]
    if len(odd) > MANY_ODD:
        return f"{len(odd)} of {len(known)} widths are odd ({odd[0]}), no side-by-side A|B pairs; {INSTEAD}"
    if shapes[-1] > shapes[0] * (1 + SHAPES_ALIKE):
        return f"shapes vary from {shapes[0]:.2f} to {shapes[-1]:.2f} (width by height), no A|B pairs; {INSTEAD}"
    if abs(shapes[0] / TWO_SQUARES - 1) <= SHAPES_ALIKE:
        return ""
    step = -(-len(known) // LOOKED_AT)
    seams = [seam for file, _ in known[::step] if (seam := seam_of(file)) is not None]
    if seams and float(np.median(seams)) < SEAM:
        return f"nothing in the pictures' middle says that two meet there, so they are no A|B pairs; {INSTEAD}"
    return ""


def seam_of(file: Path) -> float | None:
    """How many times as much the two middle columns differ as the columns beside them do, on average.

    None where the middle is of one colour, as between drawings on white, and for files that cannot be read.
    """
    try:
        pixels = read_training_image(file, 3).astype(np.float32)
    except ImageError:
        return None
    middle = pixels.shape[1] // 2
    columns = pixels[:, max(0, middle - 9) : middle + 9]
    steps = np.abs(np.diff(columns, axis=1)).mean(axis=(0, 2))
    at = middle - 1 - max(0, middle - 9)
    around = float(np.delete(steps, at).mean()) if len(steps) > 1 else 0.0
    return float(steps[at]) / around if around >= FLAT else None
