"""`img2img.load(task="inpaint")`: a picture and a mask of any kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from support.drawing import draw
from support.inpainters import box, write_inpainter

import img2img
from img2img.apply.converter import Converter
from img2img.apply.picture_kinds import KindError
from img2img.images import ImageError

SAMPLES = draw(0, 40, 50, 3)
HOLE = box(40, 50, (10, 25, 12, 33))


@pytest.fixture(scope="module")
def fill() -> Converter:
    return img2img.load(task="inpaint", method="navier-stokes", device="cpu")


@pytest.fixture(scope="module")
def made(fill: Converter) -> np.ndarray:
    """What every other way of saying it must give."""
    result = fill(SAMPLES, mask=HOLE > 0)
    assert np.array_equal(result[HOLE == 0], SAMPLES[HOLE == 0]) and (result != SAMPLES).any()
    return result


def test_weights_say_what_they_are_for(tmp_path: Path) -> None:
    network = img2img.load(write_inpainter(tmp_path / "w.safetensors"), device="cpu")
    result = network(SAMPLES, mask=HOLE > 0)
    assert network.size_of(9, 7) == (9, 7) and "inpaint" in repr(network)
    assert np.array_equal(result[HOLE == 0], SAMPLES[HOLE == 0]) and (result != SAMPLES).any()


@pytest.mark.parametrize(
    "mask",
    [
        HOLE * np.uint8(255),
        HOLE[..., None].astype(np.uint16) * 65535,
        HOLE.astype(np.float64),
        torch.from_numpy(HOLE) > 0,
        torch.from_numpy(HOLE)[None].float(),
        Image.fromarray(HOLE * 255),
        Image.fromarray(HOLE * 255).convert("1"),
    ],
    ids=["uint8", "uint16", "float", "bool tensor", "float tensor", "L", "1"],
)
def test_masks_of_every_kind(mask: object, fill: Converter, made: np.ndarray) -> None:
    assert np.array_equal(fill(SAMPLES, mask=mask), made)


def test_pictures_of_every_kind(fill: Converter, made: np.ndarray, tmp_path: Path) -> None:
    mask = HOLE > 0
    assert np.array_equal(np.asarray(fill(Image.fromarray(SAMPLES), mask=mask)), made)
    tensor = torch.from_numpy(SAMPLES).permute(2, 0, 1)
    assert torch.equal(fill(tensor, mask=mask), torch.from_numpy(made).permute(2, 0, 1))
    floats = tensor / 127.5 - 1
    filled = fill(floats, mask=mask)
    known = torch.from_numpy(HOLE == 0)
    assert torch.equal(filled[:, known], floats[:, known])
    Image.fromarray(SAMPLES).save(tmp_path / "p.png")
    Image.fromarray(HOLE * 255).save(tmp_path / "m.png")
    result = fill(tmp_path / "p.png", mask=tmp_path / "m.png")
    assert result == tmp_path / "p.inpainted.png" and np.array_equal(np.asarray(Image.open(result)), made)
    assert np.array_equal(fill(SAMPLES, mask=tmp_path / "m.png"), made)


def test_a_batch_has_a_mask_each_or_one_for_all(fill: Converter) -> None:
    pictures = torch.rand(2, 3, 40, 50) * 2 - 1
    masks = torch.from_numpy(np.stack([HOLE, HOLE[::-1]]))[:, None].float()
    both = fill(pictures, mask=masks)
    for number in range(2):
        assert torch.equal(both[number], fill(pictures[number], mask=masks[number]))
    assert torch.equal(fill(pictures, mask=masks.numpy()), both)
    assert torch.equal(fill(pictures, mask=masks[0])[1], fill(pictures[1], mask=masks[0]))
    with pytest.raises(KindError, match="2 masks for 1 pictures; allowed: one for each, or one for all"):
        fill(pictures[0], mask=masks)


def test_without_a_mask_what_is_transparent_is_filled(fill: Converter, made: np.ndarray) -> None:
    erased = np.concatenate([SAMPLES, 255 * (1 - HOLE[..., None])], axis=2)
    assert np.array_equal(fill(erased), made)
    assert fill(Image.fromarray(erased)).mode == "RGB"
    with pytest.raises(ImageError, match="no mask was given, and the photo has no transparency"):
        fill(SAMPLES)


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (HOLE, "values up to 1; allowed: up to 255"),
        (HOLE.astype(np.int64), "a mask of int64"),
        (np.zeros((2, 2, 2, 2), bool), "2 masks for 1 pictures"),
        (HOLE * 2.0, "values from 0 to 2"),
        ([[1]], "a mask that is a list"),
    ],
)
def test_other_masks_are_refused(mask: object, said: str, fill: Converter, tmp_path: Path) -> None:
    with pytest.raises(KindError, match=said):
        fill(SAMPLES, mask=mask)
    with pytest.raises(KindError, match="for the path of a photo; allowed: a path"):
        fill(tmp_path / "p.png", mask=mask)
