"""What a checkpoint may take, by the length of its file: a small one that asks for gigabytes is no checkpoint."""

from __future__ import annotations

import mmap
import zipfile
from collections.abc import Iterable
from pathlib import Path

from torch import Tensor

from img2img.config.base import Refusal

FACTOR, ALLOWANCE = 4, 2**26
"""Times the file's length, and bytes beyond that. torch.save compresses nothing; somebody's zip of it may, and tied
weights are counted each time."""
_MAKES_BYTES = b"bytearray\n"
"""The one call that torch's restricted unpickler allows and that fills as much memory as a number in the file says."""


def require_bounded(path: Path) -> None:
    """Raises Refusal, before anything is unpacked, for a file that unpacks to far more than its own length."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _require(path, "unpacks to", sum(part.file_size for part in parts))
            named = [part for part in parts if part.filename.endswith(".pkl")]
            makes_bytes = any(_MAKES_BYTES in archive.read(part) for part in named)
    else:
        makes_bytes = _holds(path, _MAKES_BYTES)
    if makes_bytes:
        raise Refusal(f"{path}: refused: a pickle that asks for empty memory, which no state_dict needs")


def require_held(path: Path, tensors: Iterable[Tensor]) -> None:
    """Raises Refusal where tensors claim far more numbers than the file can hold, as one number in every place."""
    _require(path, "has tensors of", sum(tensor.numel() * tensor.element_size() for tensor in tensors))


def _require(path: Path, does: str, size: int) -> None:
    length = path.stat().st_size
    if size > FACTOR * length + ALLOWANCE:
        raise Refusal(f"{path}: refused: {does} {size:,} bytes, out of a file of {length:,}")


def _holds(path: Path, words: bytes) -> bool:
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(words) >= 0
