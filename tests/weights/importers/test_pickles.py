"""Hostile and broken checkpoints: nothing in them is run, and one line says what is wrong."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from img2img.weights import WeightsError, load, read_card
from img2img.weights.importers.pickles import read_tensors


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, sprung: Path) -> None:
        self.sprung = sprung

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.mkdir, (str(self.sprung),)  # type: ignore[return-value]


@pytest.mark.parametrize("form", ["zip", "legacy", "bare", "bare-2"])
def test_code_in_a_pickle_is_refused_and_not_run(tmp_path: Path, form: str) -> None:
    path, sprung = tmp_path / "latest_net_G.pth", tmp_path / "sprung"
    content = {"model.1.weight": torch.zeros(1), "trap": Trap(sprung)}
    if form.startswith("bare"):
        path.write_bytes(pickle.dumps(Trap(sprung), protocol=2 if form == "bare-2" else 4))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=form == "zip")
    with pytest.raises(WeightsError, match=r"refused: .*code") as refusal:
        read_tensors(path)
    assert str(path) in str(refusal.value) and "\n" not in str(refusal.value)
    for read in (load, read_card):
        with pytest.raises(WeightsError, match="img2img weights import"):
            read(path)
    assert not sprung.exists()
    if form.startswith("bare"):  # the trap is a real one
        pickle.loads(path.read_bytes())
        assert sprung.exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty", b"", "broken"),
        ("text", b"hello world", "broken"),
        ("picture", b"\x89PNG\r\n\x1a\n" + bytes(100), "broken"),
        ("cut zip", b"PK\x03\x04" + bytes(50), "broken"),
    ],
)
def test_broken_files_are_refused_in_one_line(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=said) as refusal:
        read_tensors(path)
    assert "\n" not in str(refusal.value)


def test_a_whole_module_is_refused_by_its_name(tmp_path: Path) -> None:
    torch.save(nn.Linear(1, 1), tmp_path / "module.pth")
    with pytest.raises(WeightsError, match=r"torch\.nn\.modules\.linear\.Linear"):
        read_tensors(tmp_path / "module.pth")


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pth", tmp_path):
        with pytest.raises(WeightsError, match="cannot be read"):
            read_tensors(path)
