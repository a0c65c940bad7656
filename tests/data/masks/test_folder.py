"""Masks of a folder: read in training as where holes are filled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.data_drawing import Draw

from img2img.apply.inpaint.masking import Masking
from img2img.config.sections.masks import Channel, Polarity
from img2img.data.masks.folder import MaskFolder
from img2img.images import ImageError, Photo, read_photo

HOLE = np.zeros((20, 30), bool)
HOLE[2:9, 5:25] = True


def both(path: Path, hole: Polarity, channel: Channel = "auto") -> tuple[np.ndarray, np.ndarray]:
    """The hole of a mask's file, the only one in its folder, as it is in training and where it is filled."""
    mask = read_photo(path, integers=True)
    filled, _ = Masking(hole, channel).hole_of(Photo(mask.pixels, mask=mask))
    return MaskFolder(path.parent, hole, channel).hole_of(0), filled > 0


def rgba(colour: np.ndarray, opaque: np.ndarray) -> np.ndarray:
    return np.stack([colour, colour, colour, opaque], axis=2).astype(np.uint8) * 255


@pytest.mark.parametrize(
    ("colour", "opaque"),
    [(np.zeros_like(HOLE), HOLE), (HOLE, HOLE), (HOLE, np.ones_like(HOLE))],
    ids=["black paint on nothing", "white paint on nothing", "opaque"],
)
def test_a_transparent_mask_is_one_hole_for_all(colour: np.ndarray, opaque: np.ndarray, draw: Draw) -> None:
    path = draw.write("masks/m.png", rgba(colour, opaque))
    for found in both(path, "white"):
        assert np.array_equal(found, HOLE)
    for found in both(path, "black"):
        assert np.array_equal(found, ~HOLE)


def test_which_channel_counts_is_asked_with_the_files_name(draw: Draw) -> None:
    colour = np.zeros_like(HOLE)
    colour[:, 7:12] = True
    path = draw.write("masks/m.png", rgba(colour, HOLE))
    with pytest.raises(ImageError, match=r"m\.png has colours and transparency: .* --mask-channel luma or alpha"):
        MaskFolder(path.parent, "white").hole_of(0)
    for channel, wanted in (("luma", colour), ("alpha", HOLE)):
        for found in both(path, "white", channel):  # type: ignore[arg-type]
            assert np.array_equal(found, wanted), channel
    opaque = draw.write("opaque/m.png", rgba(colour, np.ones_like(HOLE))[..., :3])
    with pytest.raises(ImageError, match=r"--mask-channel alpha: .*m\.png has no transparency"):
        MaskFolder(opaque.parent, "white", "alpha").hole_of(0)
