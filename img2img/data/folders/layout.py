"""Where the pictures of each side lie in a folder: the layouts that papers' data come in, and what is held out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from img2img.images import ImageError, list_images
from img2img.images.listing import SYSTEM_FOLDERS, look_into
from img2img.images.names import same_form

from .errors import DataError

HELD_OUT = ("val", "valid", "validation", "test")
"""Sub-folders that are never trained on; the first that exists is the validation set."""

TWO_SIDES = (("trainA", "trainB"), ("train_A", "train_B"), ("train_label", "train_img"))
"""Folders of both sides in CycleGAN's layout and in pix2pixHD's; testA, test_A, ... lie beside them."""

_SIDES_BY_NAME = {name for names in TWO_SIDES for name in names}


@dataclass(frozen=True)
class Side:
    """Where one side lies before its files are listed."""

    name: str
    train: Path
    val: Path | None

    def train_images(self) -> list[Path]:
        """Its pictures to train on, in order."""
        return train_images(self.train)


def find_side(folder: Path, option: str) -> Side:
    """The one side in a folder, its sub-folders train/ and val/ looked for.

    Raises: DataError, naming the option, where the folder is missing or empty.
    """
    side = one_side(existing(folder, option))
    require_images(side.train)
    return side


def two_sides(root: Path) -> tuple[Side, Side] | None:
    """The two folders of a two-folder layout; None where pictures lie directly in the folder, without sub-folders."""
    for part in ("train", *HELD_OUT):  # a held-out part alone has its sides in the same order
        for names in TWO_SIDES:
            a, b = (root / name.replace("train", part) for name in names)
            if a.is_dir() and b.is_dir():
                return one_side(a), one_side(b)
    base = root / "train" if (root / "train").is_dir() else root
    folders = [folder for folder in _sub_folders(base) if _holds_images(folder)]
    direct = any(file.parent == base for file in list_images(base))
    if len(folders) == 2 and not direct:
        return one_side(folders[0], beside=held_out(root)), one_side(folders[1], beside=held_out(root))
    if direct and not folders:
        return None
    raise DataError(
        f"{base}: looked for side-by-side A|B images, or exactly two sub-folders of images, or trainA/ and trainB/; "
        f"found {contents(base)}"
    )


def one_side(folder: Path, beside: Path | None = None) -> Side:
    """A side in a folder of its own; `beside` is a validation folder that holds both sides under the same names."""
    if folder.name in _SIDES_BY_NAME:
        return Side(_folder_name(folder), folder, held_out(folder.parent, suffix=folder.name.removeprefix("train")))
    train = folder / "train" if (folder / "train").is_dir() else folder
    val = held_out(folder)
    if val is None and beside is not None:
        val = next((same for same in _sub_folders(beside) if same_form(same.name) == same_form(folder.name)), None)
    return Side(_folder_name(folder), train, val)


def held_out(root: Path, suffix: str = "") -> Path | None:
    """The validation folder, where there is one. suffix: of the side, in a layout that has both beside each other."""
    return next((root / f"{name}{suffix}" for name in HELD_OUT if (root / f"{name}{suffix}").is_dir()), None)


def train_images(folder: Path) -> list[Path]:
    """The pictures of a folder that are not held out, in order."""
    return [file for file in list_images(folder) if file.relative_to(folder).parts[0] not in HELD_OUT]


def _sub_folders(folder: Path) -> list[Path]:
    entries = sorted(folder.iterdir())
    left_out = {*HELD_OUT, *SYSTEM_FOLDERS}
    return [entry for entry in entries if entry.is_dir() and entry.name not in left_out and entry.name[0] != "."]


def _holds_images(folder: Path) -> bool:
    """Whether it has any; one that cannot be read has none, which the check says."""
    try:
        return bool(list_images(folder))
    except ImageError:
        return False


def _folder_name(folder: Path) -> str:
    """What a domain is called after its folder, as it was typed: horses/train is horses, data/trainA is a."""
    place = Path(os.path.abspath(folder))  # not resolved: a link has a name of its own
    if place.name in _SIDES_BY_NAME:
        return place.name.removeprefix("train").removeprefix("_").lower()
    return same_form(place.parent.name if place.name == "train" else place.name)


def existing(folder: Path, option: str) -> Path:
    """The folder. Raises DataError, naming the option, where it is none."""
    if not folder.is_dir():
        raise DataError(f"{option} {folder}: {'is a file, not a folder' if folder.exists() else 'no such folder'}")
    return folder


def require_images(*folders: Path) -> None:
    """Raises DataError for a folder without a picture to train on."""
    for folder in folders:
        if not train_images(folder):
            raise DataError(f"no image in {folder}; found {contents(folder)}")


def contents(folder: Path) -> str:
    """What lies in a folder, in a phrase: its sub-folders with their numbers of images, and its own images."""
    parts = [f"{sub.name}/ ({_count(sub)} images)" for sub in sorted(folder.iterdir()) if sub.is_dir()]
    here = look_into(folder)
    direct = sum(file.parent == folder for file in here.files)
    parts = [*parts[:8], *(["..."] if len(parts) > 8 else []), f"{direct} images directly in it"]
    if words := here.left_out_in_words():
        parts.append(f"left out: {words}")
    return ", ".join(parts)


def _count(folder: Path) -> int:
    return len(list_images(folder)) if _holds_images(folder) else 0
