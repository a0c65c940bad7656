"""A name in UTF-8 for files whose own is none: safetensors opens no other."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def utf8_path(path: Path) -> Iterator[Path]:
    """The path itself, or where it is no UTF-8 a link to it, which is there for the block. Raises OSError."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        with tempfile.TemporaryDirectory(prefix="img2img-") as folder:
            link = Path(folder) / f"link{path.suffix if path.suffix.isascii() else ''}"
            link.symlink_to(os.path.abspath(path))
            yield link
    else:
        yield path
