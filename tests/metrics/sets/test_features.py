"""Sets of pictures: one pass, in batches, whatever their sizes; and which files make them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from img2img.config.base import Refusal
from img2img.metrics.sets.features import gather, middle
from img2img.metrics.sets.folder import PictureFolder, levels_of, open_folder
from img2img.metrics.sets.pictures import Squares, require_same_classes


def brightness(pictures: Any) -> tuple[Tensor, Tensor]:
    """Stands for Inception: the mean of each picture is its feature."""
    means = torch.stack([picture.float().mean().view(1) for picture in pictures])
    return means, -means


def flat(level: int, height: int = 40, width: int = 50) -> Tensor:
    return torch.full((3, height, width), level, dtype=torch.uint8)


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_one_pass_in_order(batch_size: int) -> None:
    heard: list[int] = []
    pictures = [flat(level, 30 + level, 50) for level in range(7)]
    found = gather(iter(pictures), brightness, batch_size, heard.append)  # type: ignore[arg-type]
    assert found.features[:, 0].tolist() == list(range(7)) and found.logits[:, 0].tolist() == [-n for n in range(7)]
    assert found.small.shape == (7, 3, 32, 32) and found.small[:, 0, 0, 0].tolist() == list(range(7))
    assert heard[-1] == 7 and len(heard) == -(-7 // batch_size)


def test_drawn_pictures_keep_what_belongs_together() -> None:
    found = gather([flat(level) for level in range(9)], brightness, 4, lambda done: None)  # type: ignore[arg-type]
    few = found.drawn(5, seed=0)
    assert len(few) == 5 and torch.equal(few.features, -few.logits)
    assert few.small[:, 0, 0, 0].tolist() == few.features[:, 0].tolist()
    assert len(set(few.features[:, 0].tolist())) == 5 and len(found.drawn(50, seed=0)) == 9


def test_no_picture_is_refused() -> None:
    with pytest.raises(Refusal, match="without pictures"):
        gather([], brightness, 4, lambda done: None)  # type: ignore[arg-type]


def test_the_middle_square() -> None:
    picture = torch.arange(12).view(1, 2, 6)
    assert middle(picture).tolist() == [[[2, 3], [8, 9]]]
    assert torch.equal(middle(picture.transpose(1, 2)), middle(picture).transpose(1, 2))


def test_levels_of_sixteen_bits_are_rounded() -> None:
    deep = np.array([[[0], [128], [129], [65535]]], np.uint16)
    assert levels_of(deep).flatten().tolist() == [0, 0, 1, 255]


def write(root: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (40, 30 + 2 * number), 10 * number).save(root / name)
    return root


def test_a_count_is_a_draw_of_its_seed(tmp_path: Path) -> None:
    root = write(tmp_path, *(f"{n}.png" for n in range(9)))
    drawn = open_folder(root, "IMAGES", 4, seed=0)
    assert len(drawn.files) == 4 and list(drawn.files) == sorted(drawn.files)
    assert drawn == open_folder(root, "IMAGES", 4, seed=0) != open_folder(root, "IMAGES", 4, seed=1)
    assert len(open_folder(root, "IMAGES", 90, seed=0).files) == 9


def test_squares_are_read_when_asked_for(tmp_path: Path) -> None:
    folder = open_folder(write(tmp_path, "1.png", "2.png"), "IMAGES", None, seed=0)
    squares = Squares(folder, 16)
    assert len(squares) == 2 and squares[1].shape == (3, 16, 16)
    assert squares[1].max().item() == pytest.approx(10 / 127.5 - 1, abs=1e-6)
    assert squares[1:][0].equal(squares[1])
    assert folder.without([0]) == PictureFolder(tmp_path, folder.files[1:])


def test_classes(tmp_path: Path) -> None:
    one = open_folder(write(tmp_path / "one", "a/1.png", "a/2.png", "b/deep/1.png"), "IMAGES", None, seed=0)
    assert one.classes() == ["a", "a", "b"]
    require_same_classes(one, one)
    for names in (("a/1.png",), ("a/1.png", "c/1.png")):
        other = open_folder(write(tmp_path / names[-1][0] / "other", *names), "IMAGES", None, seed=0)
        with pytest.raises(Refusal, match=r"--classes wants two classes or more, the same in both.*one has a, b"):
            require_same_classes(one, other)
