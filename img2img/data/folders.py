"""Finds what is where: which pictures are trained on, which are kept for validation, and which belong together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from img2img.config.base import UserError
from img2img.config.sections.data import ImagesData, PairedData, UnpairedData
from img2img.images import by_name, list_images

HIGH = "high"
"""The one side of a set that is not translated: pictures in high resolution."""

HELD_OUT = ("val", "test")
"""Sub-folders that are never trained on; the first that exists is the validation set."""


class DataError(UserError, ValueError):
    """The data cannot be trained on; the message says what was looked for and what was found."""


@dataclass(frozen=True)
class Picture:
    """One picture: a file, or the left or right half of a side-by-side A|B file."""

    path: Path
    part: Literal["whole", "left", "right"] = "whole"
    label: int | None = None
    """Number of its class, where it has one."""


@dataclass(frozen=True)
class Domains:
    """The pictures of each side, {"a": ..., "b": ...} or {"high": ...}, in a fixed order; names are what the model card
    calls them. classes: by the number that is a picture's label."""

    names: dict[str, str]
    train: dict[str, tuple[Picture, ...]]
    val: dict[str, tuple[Picture, ...]]
    layout: str
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pairs(Domains):
    """Domains whose sides go together: picture i of a and picture i of b. `alone` are files without a partner."""

    alone: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Side:
    """Where one side lies before its files are listed."""

    name: str
    train: Path
    val: Path | None

    def train_images(self) -> list[Path]:
        """Its pictures to train on, in order."""
        return _train_images(self.train)


def find_pairs(options: PairedData) -> Pairs:
    """Pairs in a folder of side-by-side images, or in two sub-folders with same-named images.

    Raises: DataError, where the folder is neither, or could be both; ImageError for two files of one name.
    """
    if options.pairs is None:
        raise DataError("no data: give --pairs DIR")
    root = _existing(options.pairs, "--pairs")
    sides = _two_sides(root)
    if sides is None:
        return _side_by_side(root, options)
    a, b = sides
    _require_images(a.train, b.train)
    rows, alone = _partners(a.train, b.train)
    if not rows:
        raise DataError(
            f"no picture of {a.train} ({_first_names(a.train)}) has a partner of the same name in {b.train} "
            f"({_first_names(b.train)}); pairs are looked for by file name without its ending"
        )
    val_rows, val_alone = _partners(a.val, b.val) if a.val and b.val else ([], [])
    names = _names(a.name, b.name, options)
    layout = f"pairs by name in {_short(a.train, root)} and {_short(b.train, root)}"
    return Pairs(names, _columns(rows), _columns(val_rows), layout, alone=tuple(alone + val_alone))


def find_domains(options: UnpairedData) -> Domains:
    """Two unpaired domains, from --a and --b or from one folder in the trainA/ trainB/ layout.

    Raises: DataError, where a folder is missing or empty, or the layout is another one.
    """
    if options.data is not None:
        if options.a is not None or options.b is not None:
            raise DataError("give either --data or --a and --b, not both")
        sides = _two_sides(_existing(options.data, "--data"))
        if sides is None:
            raise DataError(f"--data {options.data}: looked for trainA/ and trainB/; found {_found(options.data)}")
    elif options.a is not None and options.b is not None:
        if options.a.resolve() == options.b.resolve():
            raise DataError(f"--a and --b are the same folder, {options.a}")
        sides = _one_side(_existing(options.a, "--a")), _one_side(_existing(options.b, "--b"))
    else:
        raise DataError("no data: give --a DIR and --b DIR, or --data DIR with trainA/ and trainB/ in it")
    a, b = sides
    _require_images(a.train, b.train)
    train = {"a": _whole(_train_images(a.train)), "b": _whole(_train_images(b.train))}
    val = {"a": _whole(list_images(a.val)) if a.val else (), "b": _whole(list_images(b.val)) if b.val else ()}
    return Domains(_names(a.name, b.name, options), train, val, layout=f"unpaired, {a.train} and {b.train}")


def find_images(options: ImagesData) -> Domains:
    """One folder of pictures, flat or nested, as the side "high".

    Raises: DataError, where the folder is missing or empty.
    """
    if options.images is None:
        raise DataError("no data: give --images DIR")
    side = find_side(options.images, "--images")
    train, val = _whole(_train_images(side.train)), _whole(list_images(side.val)) if side.val else ()
    return Domains({HIGH: side.name}, {HIGH: train}, {HIGH: val}, layout=f"pictures in {side.train}")


def find_side(folder: Path, option: str) -> Side:
    """The one side in a folder, its sub-folders train/ and val/ looked for.

    Raises: DataError, naming the option, where the folder is missing or empty.
    """
    side = _one_side(_existing(folder, option))
    _require_images(side.train)
    return side


def _side_by_side(root: Path, options: PairedData) -> Pairs:
    folder = root / "train" if (root / "train").is_dir() else root
    val = _held_out(root)
    files, val_files = _train_images(folder), list_images(val) if val else []
    return Pairs(
        _names("a", "b", options),
        _halves(files),
        _halves(val_files),
        layout=f"side-by-side pairs in {folder}: a is the left half, b the right",
    )


def _two_sides(root: Path) -> tuple[Side, Side] | None:
    """The two folders of a two-folder layout; None where pictures lie directly in the folder, without sub-folders."""
    if (root / "trainA").is_dir() and (root / "trainB").is_dir():
        return _one_side(root / "trainA"), _one_side(root / "trainB")
    base = root / "train" if (root / "train").is_dir() else root
    folders = [folder for folder in _sub_folders(base) if list_images(folder)]
    direct = any(file.parent == base for file in list_images(base))
    if len(folders) == 2 and not direct:
        return _one_side(folders[0], beside=_held_out(root)), _one_side(folders[1], beside=_held_out(root))
    if direct and not folders:
        return None
    raise DataError(
        f"{base}: looked for side-by-side A|B images, or exactly two sub-folders of images, or trainA/ and trainB/; "
        f"found {_found(base)}"
    )


def _one_side(folder: Path, beside: Path | None = None) -> Side:
    """A side in a folder of its own; `beside` is a validation folder that holds both sides under the same names."""
    if folder.name in ("trainA", "trainB"):
        return Side(_folder_name(folder), folder, _held_out(folder.parent, suffix=folder.name[-1]))
    train = folder / "train" if (folder / "train").is_dir() else folder
    val = _held_out(folder)
    if val is None and beside is not None and (beside / folder.name).is_dir():
        val = beside / folder.name
    return Side(_folder_name(folder), train, val)


def _held_out(root: Path, suffix: str = "") -> Path | None:
    return next((root / f"{name}{suffix}" for name in HELD_OUT if (root / f"{name}{suffix}").is_dir()), None)


def _train_images(folder: Path) -> list[Path]:
    return [file for file in list_images(folder) if file.relative_to(folder).parts[0] not in HELD_OUT]


def _sub_folders(folder: Path) -> list[Path]:
    entries = sorted(folder.iterdir())
    return [entry for entry in entries if entry.is_dir() and entry.name not in HELD_OUT and entry.name[0] != "."]


def _partners(a: Path, b: Path) -> tuple[list[tuple[Path, Path]], list[Path]]:
    """Files of both folders with the same path but for its ending, and those without a partner."""
    left, right = (by_name(folder, _train_images(folder)) for folder in (a, b))
    rows = [(left[stem], right[stem]) for stem in sorted(left.keys() & right.keys())]
    alone = [files[stem] for files in (left, right) for stem in sorted(left.keys() ^ right.keys()) if stem in files]
    return rows, alone


def _columns(rows: list[tuple[Path, Path]]) -> dict[str, tuple[Picture, ...]]:
    return {"a": _whole([a for a, _ in rows]), "b": _whole([b for _, b in rows])}


def _halves(files: list[Path]) -> dict[str, tuple[Picture, ...]]:
    return {"a": tuple(Picture(file, "left") for file in files), "b": tuple(Picture(file, "right") for file in files)}


def _whole(files: list[Path]) -> tuple[Picture, ...]:
    return tuple(Picture(file) for file in files)


def _names(a: str, b: str, options: PairedData | UnpairedData) -> dict[str, str]:
    names = {"a": options.name_a or a, "b": options.name_b or b}
    if names["a"] == names["b"]:
        raise DataError(f"both domains would be called {names['a']!r}: tell them apart with --name-a and --name-b")
    return names


def _folder_name(folder: Path) -> str:
    """What a domain is called after its folder; horses/train is horses, data/trainA is a."""
    name = folder.resolve().name
    return {"train": folder.resolve().parent.name, "trainA": "a", "trainB": "b"}.get(name, name)


def _existing(folder: Path, option: str) -> Path:
    if not folder.is_dir():
        raise DataError(f"{option} {folder}: {'is a file, not a folder' if folder.exists() else 'no such folder'}")
    return folder


def _require_images(*folders: Path) -> None:
    for folder in folders:
        if not _train_images(folder):
            raise DataError(f"no image in {folder}; found {_found(folder)}")


def _found(folder: Path) -> str:
    """What lies in a folder, in a phrase: its sub-folders with their numbers of images, and its own images."""
    parts = [f"{sub.name}/ ({len(list_images(sub))} images)" for sub in sorted(folder.iterdir()) if sub.is_dir()]
    direct = sum(file.parent == folder for file in list_images(folder))
    parts = [*parts[:8], *(["..."] if len(parts) > 8 else []), f"{direct} images directly in it"]
    return ", ".join(parts)


def _first_names(folder: Path) -> str:
    files = _train_images(folder)
    return ", ".join(file.name for file in files[:2]) + (", ..." if len(files) > 2 else "")


def _short(path: Path, root: Path) -> str:
    return f"{path.relative_to(root)}/ of {root}" if path != root else f"{root}"
