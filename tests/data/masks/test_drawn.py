from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from support.data_drawing import Draw
from torch.overrides import TorchFunctionMode

from img2img.config.sections.masks import HoleKind, MaskOptions
from img2img.data.masks.areas import shares
from img2img.data.masks.canvas import Canvas
from img2img.data.masks.drawn import Masks, drawn_one_by_one

KINDS = ["centre", "boxes", "strokes", "blobs", "borders", "boxes+strokes", "strokes,boxes:2,blobs,borders"]
SIDE = 48
ROW = 2 / SIDE
"""Two rows of pixels: what a box can be off by, whose edges are lines."""


def drawn(seed: int = 0, count: int = 32, **options: object) -> torch.Tensor:
    masks = Masks(MaskOptions(**options), SIDE)  # type: ignore[arg-type]
    torch.manual_seed(seed)
    return masks.draw(Canvas(count, SIDE, SIDE))


@pytest.mark.parametrize("kinds", KINDS)
@pytest.mark.parametrize(("least", "most"), [(0.02, 0.1), (0.2, 0.3), (0.55, 0.9)])
def test_areas_are_in_the_range(kinds: str, least: float, most: float) -> None:
    masks = drawn(masks=kinds, smallest_hole=least, largest_hole=most)
    assert masks.shape == (32, 1, SIDE, SIDE) and masks.dtype == torch.float32
    assert set(masks.unique().tolist()) == {0.0, 1.0}
    found = shares(masks)
    assert found.min() > max(least - ROW, 0) and found.max() < most + ROW
    if kinds in ("strokes", "blobs"):  # of which no two pixels are alike
        assert found.min() >= least - 1e-6 and found.max() <= most + 1 / SIDE**2


@pytest.mark.parametrize("kinds", KINDS)
def test_holes_are_drawn_from_the_global_state_alone(kinds: str) -> None:
    assert torch.equal(drawn(1, masks=kinds), drawn(1, masks=kinds))
    assert not torch.equal(drawn(1, masks=kinds), drawn(2, masks=kinds))
    assert len(drawn(1, masks=kinds).flatten(1).unique(dim=0)) > (8 if kinds == "centre" else 30)


def test_weights_are_chances() -> None:
    masks = drawn(count=400, masks="centre:3,borders", smallest_hole=0.2, largest_hole=0.3)
    in_the_middle = masks[:, 0, SIDE // 2, SIDE // 2].mean()
    assert 0.68 < in_the_middle < 0.82


def test_a_batch_is_handed_on_with_its_masks() -> None:
    batch = {"high": torch.zeros(3, 1, 20, 24), "other": torch.zeros(3, 1, 1, 1)}
    found = Masks(MaskOptions(), 24)(batch)
    assert list(found) == ["high", "other", "mask"]
    assert found["high"] is batch["high"] and found["mask"].shape == (3, 1, 20, 24)


class Factories(TorchFunctionMode):
    """Which functions made a tensor without being told the device."""

    def __init__(self) -> None:
        self.homeless: list[str] = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        name = getattr(function, "__name__", "")
        if name in ("rand", "randn", "randint", "linspace", "arange", "zeros", "ones", "full", "empty"):
            self.homeless += [] if "device" in (kwargs or {}) else [name]
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("kinds", ["centre", "boxes", "strokes", "blobs", "borders"])
def test_everything_is_drawn_on_the_canvas_device(kinds: HoleKind) -> None:
    with Factories() as made:
        Masks(MaskOptions(masks=kinds), SIDE).holes((kinds,), Canvas(2, SIDE, SIDE))
        assert made.homeless == []
        torch.rand(1)
    assert made.homeless == ["rand"]


def test_holes_grow_over_the_run() -> None:
    masks = Masks(MaskOptions(masks="blobs", smallest_hole=0.1, largest_hole=0.5, grow=0.5), SIDE)
    assert masks.range() == (0.1, 0.5), "at the end, as sheets show it"
    for progress, most in ((0.0, 0.1), (0.25, 0.3), (0.5, 0.5), (0.9, 0.5)):
        masks.progress = progress
        assert masks.range() == (0.1, pytest.approx(most))
        torch.manual_seed(0)
        found = shares(masks.draw(Canvas(32, SIDE, SIDE)))
        assert found.min() >= 0.1 - 2 / SIDE**2 and most - 0.1 < found.max() <= most + 2 / SIDE**2
    masks = Masks(MaskOptions(), SIDE)
    masks.progress = 0.0
    assert masks.range() == (0.01, 0.5), "without --grow at once"


def test_masks_of_a_folder_are_drawn_as_they_are(tmp_path: Path, draw: Draw) -> None:
    left = np.zeros((10, 12), np.uint8)
    left[:, :6] = 255
    draw.write("masks/left.png", left)
    draw.write("masks/deep/top.png", np.repeat(np.array([[65535], [0], [0]], np.uint16), 9, 1))
    found = drawn(mask_folder=tmp_path / "masks", count=40)
    half, third = torch.zeros(SIDE, SIDE), torch.zeros(SIDE, SIDE)
    half[:, : SIDE // 2], third[: SIDE // 3] = 1, 1
    kinds = [(torch.equal(mask[0], half), torch.equal(mask[0], third)) for mask in found]
    assert set(kinds) == {(True, False), (False, True)}
    assert torch.equal(drawn(mask_folder=tmp_path / "masks", count=40), found)
    other = drawn(mask_folder=tmp_path / "masks", count=40, hole="black")
    assert torch.equal(other, 1 - found)
    both = drawn(mask_folder=tmp_path / "masks", count=8, masks="centre+folder", largest_hole=0.02)
    assert all(mask[0, SIDE // 2, SIDE // 2] == 1 and shares(mask[None]) > 0.33 for mask in both)


def test_one_by_one_they_depend_on_seed_and_number_alone() -> None:
    masks, sizes = Masks(MaskOptions(), SIDE), [(20, 30), (16, 16), (20, 30)]
    state = torch.get_rng_state()
    first = list(drawn_one_by_one(masks, sizes, seed=5))
    assert torch.equal(torch.get_rng_state(), state)
    assert [tuple(mask.shape) for mask in first] == [(1, 1, *size) for size in sizes]
    torch.manual_seed(1)
    assert all(torch.equal(a, b) for a, b in zip(first, drawn_one_by_one(masks, sizes, seed=5), strict=True))
    assert not torch.equal(first[0], first[2])
    assert not torch.equal(first[0], next(drawn_one_by_one(masks, sizes, seed=6)))


def test_the_next_seed_gives_other_masks_not_the_same_ones_a_picture_further() -> None:
    masks, sizes = Masks(MaskOptions(masks="blobs"), SIDE), [(SIDE, SIDE)] * 6
    one, next_one = (list(drawn_one_by_one(masks, sizes, seed)) for seed in (5, 6))
    assert not any(torch.equal(mask, other) for mask in one for other in next_one)


def test_the_phrase_is_the_options() -> None:
    options = MaskOptions(masks="centre")
    assert Masks(options, 32).phrase() == options.in_words()
