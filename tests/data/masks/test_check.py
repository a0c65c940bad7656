from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from support.data_drawing import Draw

from img2img.config.sections.masks import MaskOptions
from img2img.data.folders.errors import DataError
from img2img.data.masks.check import MEASURED, MaskSummary, check_masks, mask_table
from img2img.data.masks.drawn import Masks


def checked(size: int = 32, **options: object) -> MaskSummary:
    masks = Masks(MaskOptions(**options), size)  # type: ignore[arg-type]
    return check_masks(masks.entries, masks.holes, masks.folder, size)


def text(summary: MaskSummary) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(mask_table(summary))
    return captured.get()


def share(draw: Draw, name: str, ones: int, side: int = 200) -> Path:
    """A mask with so many white pixels."""
    pixels = np.zeros(side * side, np.uint8)
    pixels[:ones] = 255
    return draw.write(f"masks/{name}.png", pixels.reshape(side, side))


def test_drawn_holes_are_measured_kind_by_kind() -> None:
    state = torch.get_rng_state()
    summary = checked(masks="strokes:3,blobs", smallest_hole=0.2, largest_hole=0.4)
    assert torch.equal(torch.get_rng_state(), state)
    assert [(row.name, row.chance) for row in summary.areas] == [("strokes", 0.75), ("blobs", 0.25)]
    for row in summary.areas:
        assert len(row.shares) == MEASURED and list(row.shares) == sorted(row.shares)
        assert row.shares[0] > 0.19 and row.shares[-1] < 0.41
    assert summary.warnings == ()
    shown = text(summary)
    assert "share of the picture that is hole, 32 px" in shown and "75%" in shown and "median" in shown


def test_files_are_measured_and_odd_ones_named(tmp_path: Path, draw: Draw) -> None:
    speck, whole = share(draw, "speck", 3), share(draw, "whole", 38_000)
    share(draw, "just enough", 4), share(draw, "just not too much", 36_000), share(draw, "half", 20_000)
    summary = checked(mask_folder=tmp_path / "masks")
    (row,) = summary.areas
    assert row.name == "folder" and np.allclose(row.shares, [3 / 40_000, 1e-4, 0.5, 0.9, 0.95])
    little, much = summary.warnings
    assert little == f"masks whose hole is under 0.01% of the picture: 1: {speck} 0.0075%"
    assert much == f"masks whose hole is over 90% of the picture (is --hole black meant?): 1: {whole} 95.00%"
    assert f"warning: {little}" in text(summary)
    other = checked(mask_folder=tmp_path / "masks", hole="black").warnings
    assert len(other) == 1 and "over 90%" in other[0] and "(is --hole white meant?): 2: " in other[0]


def test_files_that_cannot_be_read_are_errors(tmp_path: Path, draw: Draw) -> None:
    share(draw, "good", 100)
    (tmp_path / "masks/bad.png").write_bytes(b"no picture")
    (tmp_path / "masks/empty.png").write_bytes(b"")
    with pytest.raises(DataError) as caught:
        checked(mask_folder=tmp_path / "masks")
    assert [Path(line.partition(":")[0]).name for line in str(caught.value).splitlines()] == ["bad.png", "empty.png"]


COMPLAINTS = {"none": "no such folder", "file": "is a file", "bare": "no image"}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_a_folder_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "bare").mkdir()
    with pytest.raises(DataError, match=f"--mask-folder {tmp_path / name}: {COMPLAINTS[name]}"):
        Masks(MaskOptions(mask_folder=tmp_path / name), 32)
