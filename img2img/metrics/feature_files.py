"""Where the weights of feature networks come from: a folder that the user names, or torchvision's download."""

from __future__ import annotations

from pathlib import Path

from img2img.config.base import Refusal
from img2img.config.environment import named_path

FOLDER_VARIABLE = "IMG2IMG_LPIPS"
"""Environment variable that names a folder with LPIPS's files."""


def weights_folder(named: Path | None) -> Path | None:
    """The folder named, else the environment's; None for neither. Raises Refusal where it is no folder."""
    folder = named_path(named, FOLDER_VARIABLE)
    if folder is not None and not folder.is_dir():
        option = "--lpips-weights" if named else f"${FOLDER_VARIABLE}"
        raise Refusal(f"{option} {folder}: {'is a file, not a folder' if folder.exists() else 'no such folder'}")
    return folder
