"""Hostile and broken checkpoints: nothing in them is run, and one line says what is wrong."""

from __future__ import annotations

import os
import pickle
import time
import zipfile
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


def in_itself(*keys: str) -> dict[str, object]:
    """A dictionary that is found again behind these keys."""
    outer: dict[str, object] = {}
    inner = outer
    for key in keys[:-1]:
        inner[key] = inner = {}
    inner[keys[-1]] = outer
    return outer


@pytest.mark.parametrize("keys", [("state_dict",), ("params", "model"), ("other",)])
def test_a_dictionary_that_holds_itself_is_refused(keys: tuple[str, ...], tmp_path: Path) -> None:
    torch.save(in_itself(*keys), tmp_path / "self.pth")
    with pytest.raises(WeightsError, match="holds no network"):
        read_tensors(tmp_path / "self.pth")


def zipped(path: Path, part: str, more: int) -> None:
    """A compressed checkpoint of which one part goes on with so many MiB of zeros."""
    torch.save({"w": torch.zeros(3)}, path)
    parts = {name: zipfile.ZipFile(path).read(name) for name in zipfile.ZipFile(path).namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            with archive.open(name, "w") as file:
                file.write(content)
                for _ in range(more if name.endswith(part) else 0):
                    file.write(bytes(2**20))


@pytest.mark.parametrize("part", ["data.pkl", "data/0"])
def test_what_unpacks_to_far_more_than_its_length_is_refused(part: str, tmp_path: Path) -> None:
    zipped(tmp_path / "bomb.pth", part, 65)
    with pytest.raises(WeightsError, match="unpacks to") as refusal:
        read_tensors(tmp_path / "bomb.pth")
    assert "\n" not in str(refusal.value)


def test_a_checkpoint_that_somebody_compressed_is_read(tmp_path: Path) -> None:
    zipped(tmp_path / "zipped.pth", "data.pkl", 0)
    assert read_tensors(tmp_path / "zipped.pth").keys() == {"w"}


def test_tensors_that_the_file_does_not_hold_are_refused(tmp_path: Path) -> None:
    torch.save({"w": torch.zeros(1).expand(10**9)}, tmp_path / "claims.pth")
    with pytest.raises(WeightsError, match="has tensors of 4,000,000,000 bytes"):
        read_tensors(tmp_path / "claims.pth")


class Empty:
    """Bytes that are made as it is read."""

    def __reduce__(self) -> tuple[type[bytearray], tuple[int]]:
        return bytearray, (2**34,)


@pytest.mark.parametrize("form", ["zip", "legacy"])
def test_a_call_for_empty_memory_is_refused(form: str, tmp_path: Path) -> None:
    torch.save({"w": Empty()}, tmp_path / "empty.pth", _use_new_zipfile_serialization=form == "zip")
    with pytest.raises(WeightsError, match="asks for empty memory"):
        read_tensors(tmp_path / "empty.pth")


@pytest.mark.parametrize("key", [3, "a\nb\x1b[31m" + "k" * 10**6])
def test_keys_are_told_in_one_short_line(key: object, tmp_path: Path) -> None:
    torch.save({key: 3}, tmp_path / "keys.pth")
    with pytest.raises(WeightsError, match="holds no network") as refusal:
        read_tensors(tmp_path / "keys.pth")
    assert str(refusal.value).isprintable() and len(str(refusal.value)) < 400


def test_wrappers_without_end_are_not_taken_off(tmp_path: Path) -> None:
    torch.save({"module." * 3000 + str(number): torch.zeros(1) for number in range(200)}, tmp_path / "long.pth")
    started = time.monotonic()
    assert len(read_tensors(tmp_path / "long.pth")) == 200
    assert time.monotonic() - started < 5
