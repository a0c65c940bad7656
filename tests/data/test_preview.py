from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from support.data_drawing import Draw
from support.opened import open_images, open_pairs

from img2img.config.sections.data import Degradation, ImagesData, PairedData
from img2img.config.sections.masks import MaskOptions
from img2img.data.augment import Augment
from img2img.data.damage.degrade import Degrade
from img2img.data.masks.drawn import Masks
from img2img.data.preview import (
    CAPTION,
    GAP,
    LARGEST_CELL,
    SMALLEST_CELL,
    VERSIONS,
    degraded_sheet,
    masked_sheet,
    preview_sheet,
)


@pytest.fixture
def options(tmp_path: Path, draw: Draw) -> PairedData:
    for number in range(2):
        draw(f"x/{number}.png", (16, 16), "L", 100)
        draw(f"y/{number}.png", (16, 16), "RGB")
    return PairedData(pairs=tmp_path, size=16, load_size=16, flip=False)


def test_a_row_for_each_side_of_each_picture(options: PairedData) -> None:
    state = torch.get_rng_state()
    sheet = preview_sheet(open_pairs(options), Augment(options, paired=True), count=2, seed=0)
    assert torch.equal(torch.get_rng_state(), state)
    cell = SMALLEST_CELL
    assert sheet.size == (GAP + (1 + VERSIONS) * (cell + GAP), GAP + 4 * (CAPTION + cell + GAP))
    pixels = np.asarray(sheet)
    grey = pixels[GAP + CAPTION :, GAP:][:cell, :cell]
    assert set(grey.ravel()) == {100}
    colour = pixels[2 * (GAP + CAPTION) + cell :][:cell]
    original, version = colour[:, GAP:][:, :cell], colour[:, 2 * GAP + cell :][:, :cell]
    assert np.array_equal(original, version)  # nothing but a crop of the whole is switched on
    assert original.std() > 20


def test_the_same_seed_draws_the_same_sheet(options: PairedData) -> None:
    jittered = options.model_copy(update={"colour": 0.5})
    sheets = [preview_sheet(open_pairs(jittered), Augment(jittered, paired=True), 1, seed) for seed in (3, 3, 4)]
    first, again, other = (np.asarray(sheet) for sheet in sheets)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_row_of_low_resolutions_for_each_picture(tmp_path: Path, draw: Draw) -> None:
    draw("photos/1.png", (48, 48))
    options = ImagesData(images=tmp_path / "photos", size=48, flip=False)
    data, augment, state = open_images(options), Augment(options, paired=False), torch.get_rng_state()
    sheets = [
        np.asarray(degraded_sheet(data, augment, Degrade(Degradation(degrade=way), scale=4), count=1, seed=0))
        for way in ("bicubic", "photo")
    ]
    assert torch.equal(torch.get_rng_state(), state)
    cell = LARGEST_CELL
    assert sheets[0].shape == (2 * GAP + CAPTION + cell, GAP + (1 + VERSIONS) * (cell + GAP), 3)
    for sheet, different in zip(sheets, (1, VERSIONS), strict=True):
        cells = [sheet[GAP + CAPTION :][:cell, GAP + n * (cell + GAP) :][:, :cell] for n in range(1 + VERSIONS)]
        assert len({low.tobytes() for low in cells[1:]}) == different
        blocks = cells[1].reshape(12, 16, 12, 16, 3)  # 12 px, each shown as 16
        assert (blocks == blocks[:, :1, :, :1]).all()


def test_a_row_of_holes_for_each_picture(tmp_path: Path, draw: Draw) -> None:
    draw("photos/1.png", (48, 48), value=255)
    options = ImagesData(images=tmp_path / "photos", size=48, flip=False)
    masks, state = Masks(MaskOptions(masks="boxes"), size=48), torch.get_rng_state()
    sheet = np.asarray(masked_sheet(open_images(options), Augment(options, paired=False), masks, count=1, seed=0))
    assert torch.equal(torch.get_rng_state(), state)
    cell = LARGEST_CELL
    cells = [sheet[GAP + CAPTION :][:cell, GAP + n * (cell + GAP) :][:, :cell] for n in range(1 + VERSIONS)]
    assert set(cells[0].ravel()) == {255}
    assert all(set(masked.ravel()) == {128, 255} for masked in cells[1:])
    assert len({masked.tobytes() for masked in cells}) == 1 + VERSIONS
