"""A checkpoint whose archive has a wrong checksum is refused; torch would take other numbers from it in silence."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import torch

from img2img.config.base import Refusal
from img2img.networks.tensor_files import read_tensors
from img2img.networks.zip_checksums import require_undamaged


def saved(path: Path, checksums: bool = True) -> Path:
    torch.serialization.set_crc32_options(checksums)
    try:
        torch.save({"weight": torch.linspace(0, 1, 500), "bias": torch.zeros(3)}, path)
    finally:
        torch.serialization.set_crc32_options(True)
    return path


def flip(path: Path) -> None:
    """One bit of a number in the middle of a tensor."""
    data = bytearray(path.read_bytes())
    data[data.index(torch.linspace(0, 1, 500).numpy().tobytes()) + 1000] ^= 0x40
    path.write_bytes(data)


def test_one_flipped_bit_is_found(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pth")
    assert torch.equal(read_tensors(path)["weight"], torch.linspace(0, 1, 500))
    flip(path)
    assert not torch.equal(torch.load(path)["weight"], torch.linspace(0, 1, 500))  # torch says nothing
    with pytest.raises(Refusal, match=r"w\.pth: damaged: .*data/0 in it is not what was saved, by its checksum"):
        read_tensors(path)


def test_archives_without_checksums_and_old_pickles_are_taken(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pth", checksums=False)
    with zipfile.ZipFile(path) as archive:
        assert {part.CRC for part in archive.infolist()} == {0}
    flip(path)
    require_undamaged(path)
    torch.save({"weight": torch.ones(3)}, path, _use_new_zipfile_serialization=False)
    assert read_tensors(path)["weight"].tolist() == [1, 1, 1]


def test_a_part_that_its_place_does_not_name_is_damage(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pth")
    data = bytearray(path.read_bytes())
    data[data.index(b"data/0")] ^= 1  # in the part's own header, not in the archive's list
    path.write_bytes(data)
    with pytest.raises(Refusal, match="damaged"):
        read_tensors(path)
