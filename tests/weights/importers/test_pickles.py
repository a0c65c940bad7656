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
        ("empty", b"", "it is empty"),
        ("text", b"hello world", "broken"),
        ("picture", b"\x89PNG\r\n\x1a\n" + bytes(100), "holds no weights: a picture"),
        ("pointer", b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        ("page", b"<!DOCTYPE html><html>", "a web page"),
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


def written(path: Path, script: bytes, form: str) -> Path:
    """A checkpoint whose content is this pickle, which no pickler would write."""
    torch.save({}, path, _use_new_zipfile_serialization=form == "zip")
    if form == "zip":
        parts = {name: zipfile.ZipFile(path).read(name) for name in zipfile.ZipFile(path).namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                if name.endswith("pkl"):  # torch finds a part whatever the case of its letters
                    archive.writestr(name.replace("data.pkl", "DATA.PKL"), script)
                else:
                    archive.writestr(name, content)
    else:
        heads = [pickle.dumps(head, 2) for head in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})]
        path.write_bytes(b"".join(heads) + script + pickle.dumps([], 2))
    return path


def folded(times: int) -> bytes:
    """Instructions for a pair of pairs of pairs, so many times, of which each holds the same one twice."""
    return b"K\x01" + b"q\x00h\x00\x86" * times


HOSTILE = {
    "a key that takes years to hash": b"\x80\x02}" + folded(60) + b"K\x01s.",
    "a key that overruns the stack": b"\x80\x02}" + b"K\x01" + b"\x85" * 10**6 + b"K\x01s.",
    "one list copied without end": (
        b"\x80\x02]q\x00(" + b"K\x01" * 10**5 + b"eq\x00}q\x01(" + b"K\x02c__builtin__\nset\nh\x00\x85R" * 1000 + b"u."
    ),
    "a tensor of lists of the same list": (
        b"\x80\x02}U\x01actorch\nTensor\n]G" + bytes(8) + b"aq\x00" + b"]h\x00ah\x00aq\x00" * 40 + b"\x85Rs."
    ),
    "a text made longer": b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x06\x00\x00\x00utf-32\x86R.",
    "the name of a storage without end": (
        b"\x80\x02(X\x07\x00\x00\x00storagectorch\nFloatStorage\n" + folded(40) + b"X\x03\x00\x00\x00cpuK\x01tQ."
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", ["zip", "legacy"])
@pytest.mark.parametrize("what", HOSTILE)
def test_a_small_pickle_that_takes_the_machine_is_refused(what: str, form: str, tmp_path: Path) -> None:
    path = written(tmp_path / "hostile.pth", HOSTILE[what], form)
    started = time.process_time()
    with pytest.raises(WeightsError, match="refused: a pickle that") as refusal:
        read_tensors(path)
    assert "\n" not in str(refusal.value)
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "tensor", [torch.eye(3).to_sparse(), torch.zeros(3, device="meta")], ids=["sparse", "no numbers"]
)
def test_tensors_without_plain_numbers_are_refused(tensor: torch.Tensor, tmp_path: Path) -> None:
    torch.save({"w": tensor}, tmp_path / "odd.pth")
    with pytest.raises(WeightsError, match="of a kind that no network here has"):
        read_tensors(tmp_path / "odd.pth")


@pytest.mark.parametrize("form", ["zip", "legacy"])
def test_a_whole_training_state_is_read(form: str, tmp_path: Path) -> None:
    network = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4))
    optimiser = torch.optim.Adam(network.parameters())
    network(torch.ones(2, 4)).sum().backward()
    optimiser.step()
    state = {
        "state_dict": network.state_dict(),
        "optimizer": optimiser.state_dict(),
        "schedule": torch.optim.lr_scheduler.MultiStepLR(optimiser, [1, 1, 2]).state_dict(),
        "seen": {"a", "b"},
        "tied": [network[0].weight] * 3,
        "random": torch.get_rng_state(),
    }
    torch.save(state, tmp_path / "whole.pth", _use_new_zipfile_serialization=form == "zip")
    read = read_tensors(tmp_path / "whole.pth")
    assert read.keys() == network.state_dict().keys()
    assert torch.equal(read["0.weight"], network[0].weight)
