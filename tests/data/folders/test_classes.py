"""A folder of pictures to draw: flat, nested, or with a sub-folder for each class."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
import torch
from support.data_drawing import Draw

from img2img.config.train.gan import GanData
from img2img.data.folders.classes import find_classes
from img2img.data.folders.errors import DataError
from img2img.data.loading.dataset import open_data


def test_sub_folders_are_classes_by_name(tmp_path: Path, draw: Draw) -> None:
    for value, name in ((10, "dogs"), (20, "cats"), (30, "cats/grey")):
        draw(f"set/train/{name}/1.png", (16, 16), "L", value)
    draw("set/val/dogs/2.png", (16, 16), "L", 40)
    options = GanData(images=tmp_path / "set", size=16)
    found = find_classes(options)
    assert found.classes == ("cats", "dogs") and "2 classes" in found.layout
    assert [picture.label for picture in found.train["real"]] == [0, 0, 1]
    data = open_data(found, options)
    assert data.classes == ("cats", "dogs")
    batches = list(islice(data.batches(0, 0, 3), 2))
    for batch in batches:
        assert batch["label"].dtype == torch.int64
        values = batch["real"][:, 0, 0, 0].tolist()
        assert [{10: 1, 20: 0, 30: 0}[value] for value in values] == batch["label"].tolist()
    assert data.fixed(5)["label"].tolist() == [1] and data.fixed(5)["real"].unique().tolist() == [40]


@pytest.mark.parametrize("names", [["1", "2"], ["all/1", "all/2"], ["1", "cats/2", "dogs/3"]])
def test_there_are_no_classes_without_two_sub_folders_alone(names: list[str], tmp_path: Path, draw: Draw) -> None:
    for name in names:
        draw(f"set/{name}.png", (16, 16), "L", 10)
    options = GanData(images=tmp_path / "set", size=16)
    assert find_classes(options).classes == ()
    assert set(next(iter(open_data(find_classes(options), options).batches(0, 0, 1)))) == {"real"}


def test_a_held_out_class_that_is_not_trained_on_is_named(tmp_path: Path, draw: Draw) -> None:
    for name in ("a/1", "b/1", "val/c/1"):
        draw(f"set/{name}.png", (16, 16), "L", 10)
    with pytest.raises(DataError, match=r"val/c/1.png: of no class .* there are a, b"):
        find_classes(GanData(images=tmp_path / "set"))


def test_no_data_is_one_line() -> None:
    with pytest.raises(DataError, match="--images DIR or --dataset NAME"):
        find_classes(GanData())
