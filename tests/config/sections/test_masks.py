"""The options of masks: how mixtures are written, and what does not go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from img2img.config.base import Refusal
from img2img.config.data_commands import MasksConfig
from img2img.config.sections.masks import DRAWN, MaskOptions, mixture
from img2img.config.toml import ConfigError, resolve


def test_a_mixture_is_kinds_with_their_weights() -> None:
    assert mixture("centre") == {("centre",): 1.0}
    assert mixture("boxes+strokes:2, borders,folder:0.5") == {
        ("boxes", "strokes"): 2.0,
        ("borders",): 1.0,
        ("folder",): 0.5,
    }


@pytest.mark.parametrize(
    ("masks", "complaint"),
    [
        ("circles", "'circles' is no kind of hole: centre, boxes, strokes, blobs, borders, folder"),
        ("boxes+circles", "'boxes\\+circles' is no kind of hole"),
        ("", "'' is no kind of hole"),
        ("boxes:-1", "the weight of boxes is -1"),
        ("boxes,boxes:2", "boxes is named twice"),
    ],
)
def test_mixtures_that_are_none_are_named(masks: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=f"--masks .*{complaint}"):
        resolve(MasksConfig, {"masks": {"masks": masks}})


def test_a_folder_is_its_own_default() -> None:
    assert MaskOptions().entries() == mixture(DRAWN)
    assert MaskOptions(mask_folder=Path("x")).entries() == {("folder",): 1.0}
    assert MaskOptions(mask_folder=Path("x"), masks="folder:2,boxes").entries() == {("folder",): 2.0, ("boxes",): 1.0}


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"masks": "folder"}, "--masks folder: name the folder with --mask-folder DIR"),
        ({"masks": "boxes", "mask_folder": Path("x")}, "--mask-folder x is not used by --masks boxes"),
        ({"smallest_hole": 0.3, "largest_hole": 0.2}, "--smallest-hole 0.3 is more than --largest-hole 0.2"),
        ({"smallest_box": 0.6}, "--smallest-box 0.6 is more than --largest-box 0.5"),
        ({"thickest_stroke": 0.01}, "--thinnest-stroke 0.046875 is more than --thickest-stroke 0.01"),
    ],
)
def test_what_does_not_go_together_is_refused(options, complaint: str) -> None:
    with pytest.raises(Refusal, match=complaint):
        MaskOptions(**options).entries()


def test_the_phrase_says_the_polarity() -> None:
    words = MaskOptions(masks="centre:2,boxes+strokes", smallest_hole=0.1, largest_hole=0.25).in_words()
    assert words == "holes (1 in the mask) of centre:2, boxes+strokes, 0.1 to 0.25 of the picture"
