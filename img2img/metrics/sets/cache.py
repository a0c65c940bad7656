"""Picture sets that were looked at once, kept by their content: they are measured against again without their pass."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from img2img.images import write_atomically

from .features import PictureSet
from .inception import Inception
from .pictures import Reference

FORMAT = 1
"""Of what is kept: counted up when other things are gathered, or gathered otherwise."""


def cache_folder() -> Path:
    """$IMG2IMG_HOME/cache, else img2img in the platform's folder for caches. Raises OSError where there is no home."""
    if home := os.environ.get("IMG2IMG_HOME"):
        return Path(home) / "cache"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or _home() / "AppData/Local") / "img2img/cache"
    if sys.platform == "darwin":
        return _home() / "Library/Caches/img2img"
    return Path(os.environ.get("XDG_CACHE_HOME") or _home() / ".cache") / "img2img"


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # in a container, of a user who is not in its list
        raise OSError("the user has no home folder to keep a cache in; name one by IMG2IMG_HOME") from None


def cache_file(pictures: Reference, inception: Inception) -> Path:
    """Where the set of these pictures, seen by this network, is kept.

    Its name is a hash over what tells the pictures from others, in their order, and of the network's weights and how it
    resizes. Raises OSError for a file that cannot be read.
    """
    found = hashlib.sha256(f"{FORMAT} {inception.identity} {inception.resize}".encode())
    for part in pictures.content():
        found.update(f"\n{part}".encode(errors="surrogateescape"))
    return cache_folder() / "sets" / f"{found.hexdigest()}.safetensors"


def read_set(file: Path) -> PictureSet | None:
    """The set that was kept there; None where there is none, or a broken one."""
    try:
        return PictureSet(**load_file(file))
    except (OSError, SafetensorError, TypeError):
        return None


def keep_set(file: Path, pictures: PictureSet) -> None:
    """Writes the set, whole or not at all. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with write_atomically(file) as draft:
        save_file({"features": pictures.features, "logits": pictures.logits, "small": pictures.small}, draft)
