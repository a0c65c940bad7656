"""Mask options: which holes are cut into pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, field_validator

from img2img.config.base import Refusal, Section, weighted_list

Polarity = Literal["white", "black"]
"""What the hole is in a mask."""
Channel = Literal["auto", "luma", "alpha"]
"""What of a mask counts."""
HoleKind = Literal["centre", "boxes", "strokes", "blobs", "borders", "folder"]
HOLE_KINDS: tuple[HoleKind, ...] = get_args(HoleKind)

TOO_LITTLE, TOO_MUCH = 0.0001, 0.9
"""Shares of a picture beyond which the hole of a file is taken for a mistake: a speck, or the wrong polarity."""

DRAWN = "strokes,boxes,blobs,borders:0.5"
"""What is drawn where nothing is said."""


def mixture(masks: str) -> dict[tuple[HoleKind, ...], float]:
    """{kinds that make up one hole: weight} of a list such as `centre` or `boxes+strokes:2,borders`.

    Raises ValueError for a kind that there is not, a weight that is no positive number, an entry named twice.
    """
    found: dict[tuple[HoleKind, ...], float] = {}
    for name, weight in weighted_list(masks).items():
        kinds = tuple(kind for part in name.split("+") for kind in HOLE_KINDS if kind == part)
        if len(kinds) < len(name.split("+")):
            raise ValueError(f"{name!r} is no kind of hole: {', '.join(HOLE_KINDS)}, or several such as boxes+strokes")
        found[kinds] = weight
    return found


class MaskOptions(Section):
    """masks"""

    masks: str | None = None
    """Kinds of holes, each with its weight if that is not 1: centre, boxes, strokes, blobs, borders, folder; + unites
    several in one hole, as in boxes+strokes:2,borders [default: folder with --mask-folder, else
    strokes,boxes,blobs,borders:0.5]."""
    mask_folder: Path | None = None
    """Folder of masks, picture files of any size, each of them resized; the kind of hole that is called folder."""
    hole: Polarity = "white"
    """Which of the two colours of a mask's file is the hole; opaque counts as white."""
    mask_channel: Channel = "auto"
    """What of a mask's file counts; auto: alpha where it alone says something."""
    smallest_hole: float = Field(0.01, gt=0, lt=1)
    """Least share of the picture that a hole covers. Holes of the folder are as they are."""
    largest_hole: float = Field(0.5, gt=0, lt=1)
    """Largest share of the picture that a hole covers. Holes of the folder are as they are."""
    grow: float = Field(0.0, ge=0, le=1)
    """Share of the run over which the largest holes grow from --smallest-hole to --largest-hole; 0: large at once."""
    most_boxes: int = Field(3, ge=1, le=16)
    """Most boxes of one hole."""
    smallest_box: float = Field(0.1, gt=0, le=1)
    """Shortest side of a box, as a share of the picture's."""
    largest_box: float = Field(0.5, gt=0, le=1)
    """Longest side of a box, as a share of the picture's."""
    most_strokes: int = Field(3, ge=1, le=16)
    """Most strokes of one hole."""
    thinnest_stroke: float = Field(12 / 256, gt=0, le=1)
    """Least width of a stroke, as a share of the picture's side."""
    thickest_stroke: float = Field(40 / 256, gt=0, le=1)
    """Largest width of a stroke, as a share of the picture's side."""

    @field_validator("masks")
    @classmethod
    def _are_kinds(cls, value: str | None) -> str | None:
        if value is not None:
            mixture(value)
        return value

    def entries(self) -> dict[tuple[HoleKind, ...], float]:
        """What is drawn: {kinds that make up one hole: weight}.

        Raises Refusal for a folder without its kind of hole and the other way round, and for an empty range.
        """
        wanted = mixture(self.masks or ("folder" if self.mask_folder else DRAWN))
        of_folder = any("folder" in kinds for kinds in wanted)
        if of_folder and self.mask_folder is None:
            raise Refusal("--masks folder: name the folder with --mask-folder DIR")
        if self.mask_folder and not of_folder:
            raise Refusal(f"--mask-folder {self.mask_folder} is not used by --masks {self.masks}: add folder to them")
        for least, most in (("smallest_hole", "largest_hole"), ("smallest_box", "largest_box"),
                            ("thinnest_stroke", "thickest_stroke")):  # fmt: skip
            if getattr(self, least) > getattr(self, most):
                options = [f"--{name.replace('_', '-')} {getattr(self, name):g}" for name in (least, most)]
                raise Refusal(f"{options[0]} is more than {options[1]}")
        return wanted

    def in_words(self) -> str:
        """The holes in a phrase, for the model card."""
        kinds = ", ".join("+".join(entry) + f":{weight:g}" * (weight != 1) for entry, weight in self.entries().items())
        return f"holes (1 in the mask) of {kinds}, {self.smallest_hole:.3g} to {self.largest_hole:.3g} of the picture"
