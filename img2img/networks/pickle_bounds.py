"""What a checkpoint may take, by the length of its file: a small one that asks for gigabytes is no checkpoint."""

from __future__ import annotations

import io
import mmap
from collections.abc import Iterable
from pathlib import Path
from typing import IO, cast

import torch
from torch import Tensor

from img2img.config.base import Refusal

from .pickle_walk import TooMuch, require_light

FACTOR, ALLOWANCE = 4, 2**26
"""Times the file's length, and bytes beyond that. torch.save compresses nothing; somebody's zip of it may, and tied
weights are counted each time."""
_ZIP = b"PK\x03\x04"
_LEGACY_PICKLES = 5
"""Before torch 1.6: a magic number, the version, the system, the content, the storages' names; their numbers follow."""


def require_bounded(path: Path) -> None:
    """Raises Refusal, before anything is unpacked, for a file that unpacks to far more than its own length, and
    ValueError or RuntimeError where it is no checkpoint."""
    with path.open("rb") as file:
        try:
            if file.read(len(_ZIP)) == _ZIP:
                require_light(_pickle_in_zip(path, file))
            else:
                _require_light_legacy(file)
        except TooMuch as error:
            raise Refusal(f"{path}: refused: a pickle that {error}") from error


def require_held(path: Path, tensors: Iterable[Tensor]) -> None:
    """Raises Refusal where tensors claim far more numbers than the file can hold, as one number in every place, or
    where one is not plain numbers: sparse, quantised, nested, or none at all (meta)."""
    size = 0
    for tensor in tensors:
        if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_nested or tensor.device.type != "cpu":
            raise Refusal(f"{path}: holds a tensor of a kind that no network here has (sparse, quantised or without "
                          f"its numbers)")  # fmt: skip
        size += tensor.numel() * tensor.element_size()
    _require(path, "has tensors of", size)


def _pickle_in_zip(path: Path, file: IO[bytes]) -> IO[bytes]:
    """The pickle, found by torch's own reader: another's may see other parts in the same bytes."""
    file.seek(0)
    reader = torch._C.PyTorchFileReader(file)
    sizes = {name: reader.get_record_size(name) for name in reader.get_all_records()}
    _require(path, "unpacks to", sum(sizes.values()))
    return io.BytesIO(reader.get_record("data.pkl"))


def _require_light_legacy(file: IO[bytes]) -> None:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for number in range(_LEGACY_PICKLES):
            try:
                require_light(cast("IO[bytes]", content))
            except TooMuch:
                raise
            except (ValueError, LookupError):
                if number:  # torch stops here as well; what it says of the first pickle is worth hearing
                    return
                raise


def _require(path: Path, does: str, size: int) -> None:
    length = path.stat().st_size
    if size > FACTOR * length + ALLOWANCE:
        raise Refusal(f"{path}: refused: {does} {size:,} bytes, out of a file of {length:,}")
