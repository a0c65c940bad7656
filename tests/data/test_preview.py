from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from drawn import Draw

from img2img.config.data import PairedData
from img2img.data.augment import Augment
from img2img.data.dataset import open_pairs
from img2img.data.preview import CAPTION, GAP, SMALLEST_CELL, VERSIONS, preview_sheet


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
