from __future__ import annotations

import torch
from torch import Tensor

from img2img.data.crop import Crop, random_crop


def places(count: int, side: int) -> Tensor:
    """(N, 2, side, side): the row and the column of each pixel."""
    return torch.stack(torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")).expand(count, -1, -1, -1)


def test_a_crop_is_a_window_or_its_mirror_image() -> None:
    torch.manual_seed(0)
    read = random_crop(torch.Size((300, 2, 9, 9)), (6, 6), flip=True).of(places(300, 9))
    rows, columns = read[:, 0], read[:, 1]
    assert (rows.diff(dim=1) == 1).all()
    assert (rows.diff(dim=2) == 0).all()
    assert (columns.diff(dim=1) == 0).all()
    steps = columns.diff(dim=2).flatten(1)
    assert (steps == steps[:, :1]).all()
    assert set(steps[:, 0].tolist()) == {-1, 1}
    assert 100 < (steps[:, 0] == -1).sum() < 200
    assert set(rows[:, 0, 0].tolist()) == set(columns.amin(dim=(1, 2)).tolist()) == {0, 1, 2, 3}


def test_a_crop_may_be_a_rectangle() -> None:
    torch.manual_seed(0)
    read = random_crop(torch.Size((100, 2, 9, 9)), (3, 8), flip=True).of(places(100, 9))
    assert read.shape == (100, 2, 3, 8)
    assert set(read[:, 0, 0, 0].tolist()) == set(range(7)) and set(read[:, 1].amin(dim=(1, 2)).tolist()) == {0, 1}


def test_without_flip_nothing_is_mirrored() -> None:
    read = random_crop(torch.Size((100, 2, 9, 9)), (9, 9), flip=False).of(places(100, 9))
    assert torch.equal(read, places(100, 9))


def test_one_crop_reads_bytes_and_floats_alike() -> None:
    crop = random_crop(torch.Size((4, 3, 8, 8)), (5, 5), flip=True)
    pictures = torch.randint(0, 256, (4, 3, 8, 8), dtype=torch.uint8)
    assert isinstance(crop, Crop)
    assert crop.of(pictures).dtype == torch.uint8
    assert torch.equal(crop.of(pictures).float(), crop.of(pictures.float()))
