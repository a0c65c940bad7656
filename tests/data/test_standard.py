"""Standard sets from files: tiny ones in their own formats, with their labels; and one line where there is none."""

from __future__ import annotations

import pickle
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from support.standard_sets import write_idx

from img2img.config.train.gan import GanData
from img2img.data.folders.errors import DataError
from img2img.data.gan_data import open_gan_data
from img2img.data.loading.dataset import TrainingData


def opened(**options: object) -> TrainingData:
    return open_gan_data(GanData(**options), decode=True, tell=lambda summary: None)  # type: ignore[arg-type]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("name", "folder"), [("mnist", "MNIST"), ("fashion-mnist", "FashionMNIST")])
def test_pictures_keep_their_labels(name: str, folder: str, packed: bool, tmp_path: Path) -> None:
    write_idx(tmp_path / folder / "raw", packed)
    data = opened(dataset=name, root=tmp_path, size=28)
    assert data.channels == {"real": 1} and len(data.classes) == 10 and data.steps_per_epoch(4) == 3
    batches = list(islice(data.batches(0, 0, 5), 2))
    labels = torch.cat([batch["label"] for batch in batches])
    pictures = torch.cat([batch["real"] for batch in batches])
    assert pictures.shape == (10, 1, 28, 28) and sorted(labels.tolist()) == list(range(10))
    assert torch.equal(pictures[:, 0, 3, 4].to(torch.int64), 10 * labels)


def test_another_size_is_resized_once_and_grey_becomes_rgb(tmp_path: Path) -> None:
    write_idx(tmp_path / "MNIST/raw")
    data = opened(dataset="mnist", root=tmp_path, size=32, channels="3")
    shown = data.fixed(4)
    assert shown["real"].shape == (4, 3, 32, 32) and shown["label"].tolist() == [0, 3, 6, 9]
    assert shown["real"][1].unique().tolist() == [30]


def test_cifar10(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.datasets import CIFAR10

    monkeypatch.setattr(CIFAR10, "_check_integrity", lambda self: True)  # it knows the real files' checksums
    monkeypatch.setattr(CIFAR10, "_load_meta", lambda self: setattr(self, "classes", ["plane", "Ship"]))
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for number, name in enumerate([*(f"data_batch_{part}" for part in range(1, 6)), "test_batch"]):
        planes = np.repeat(np.array([[10, 20, 30]], np.uint8), 1024, axis=1) + number  # red, green, blue in turn
        (folder / name).write_bytes(pickle.dumps({"data": planes, "labels": [number % 2]}))
    data = opened(dataset="cifar10", root=tmp_path, size=32)
    batch = next(iter(data.batches(0, 0, 5)))
    assert data.classes == ["plane", "ship"] and batch["real"].shape == (5, 3, 32, 32)
    assert (batch["real"][:, :, 0, 0] - batch["real"][:, :1, 0, 0]).tolist() == [[0, 10, 20]] * 5


def test_a_set_that_cannot_be_had_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.datasets import MNIST

    def refuse(self: MNIST) -> None:
        raise RuntimeError("Error downloading\ntrain-images")

    monkeypatch.setattr(MNIST, "download", refuse)
    with pytest.raises(DataError, match=r"--dataset mnist: its files are not in .*MNIST/raw, and .* downloading train"):
        opened(dataset="mnist", root=tmp_path)


def test_a_folder_and_a_set_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not both"):
        opened(dataset="mnist", images=tmp_path)
