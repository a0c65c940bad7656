"""Small pictures that every test may train on, drawn on the spot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from support.drawing import draw, write_pictures
from support.inceptions import write_inception

torch.set_num_threads(1)  # the pictures are tiny: threads cost more than they bring


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of the user's own is read or written: a home that is not there yet, and no weights of measures."""
    for name in ("IMG2IMG_LPIPS", "IMG2IMG_INCEPTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("IMG2IMG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three photos of 20 x 30 px, one of them in a sub-folder."""
    return write_pictures(tmp_path / "photos", {name: (20, 30, 3) for name in ("a.png", "b.jpg", "in/c.png")})


@pytest.fixture(scope="session")
def domains(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders of six pictures: horses, and zebras, which are their inverse."""
    root = tmp_path_factory.mktemp("domains")
    for number, name in enumerate(("horses", "zebras")):
        (root / name).mkdir()
        for index in range(6):
            picture = draw(100 * number + index)
            Image.fromarray(255 - picture if number else picture).save(root / name / f"{index}.png")
    return root / "horses", root / "zebras"


@pytest.fixture(scope="session")
def vgg19(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as of VGG19's weights, float16 and up to relu1_2 only, random."""
    path = tmp_path_factory.mktemp("vgg19") / "random.pth"
    generator = torch.Generator().manual_seed(0)
    shapes = {"0.weight": (64, 3, 3, 3), "0.bias": (64,), "2.weight": (64, 64, 3, 3), "2.bias": (64,)}
    drawn = {key: torch.randn(shape, generator=generator) / 8 for key, shape in shapes.items()}
    torch.save({f"features.{key}": tensor.half() for key, tensor in drawn.items()}, path)
    return path


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six side-by-side pairs: a picture and its inverse."""
    root = tmp_path_factory.mktemp("pairs")
    for index in range(6):
        picture = draw(index)
        Image.fromarray(np.concatenate([picture, 255 - picture], axis=1)).save(root / f"{index}.png")
    return root


@pytest.fixture(scope="session")
def inception(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as of Inception's weights without the class layer, random."""
    return write_inception(tmp_path_factory.mktemp("inception") / "random.pth")


@pytest.fixture(scope="session")
def mask_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six masks, white on black."""
    root = tmp_path_factory.mktemp("mask_folder")
    for index in range(6):
        bright = draw(300 + index).mean(2) > 128
        Image.fromarray((255 * bright).astype(np.uint8)).save(root / f"{index}.png")
    return root
