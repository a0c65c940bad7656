"""Finds what is where: which pictures are trained on, which are kept for validation, and which belong together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from img2img.config.sections.data import LONGEST_NAME, ImagesData, PairedData, UnpairedData
from img2img.images import by_name, list_images
from img2img.images.names import partners

from .errors import DataError
from .layout import Side, contents, existing, find_side, held_out, one_side, require_images, train_images, two_sides

HIGH = "high"
"""The one side of a set that is not translated: pictures in high resolution."""


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
    folders: tuple[Path, ...] = ()
    """What was looked into."""


@dataclass(frozen=True)
class Pairs(Domains):
    """Domains whose sides go together: picture i of a and picture i of b. `alone` are files without a partner."""

    alone: tuple[Path, ...] = ()


def find_pairs(options: PairedData) -> Pairs:
    """Pairs in a folder of side-by-side images, in two sub-folders with same-named images, or in two folders that have
    nothing else in common.

    Raises: DataError, where the folder is neither, or could be both; ImageError for two files of one name.
    """
    if options.a is not None or options.b is not None:
        return _two_folders(options)
    if options.pairs is None:
        raise DataError("no data: give --pairs DIR, or --a DIR and --b DIR with pictures of the same names")
    root = existing(options.pairs, "--pairs")
    sides = None if options.side_by_side else two_sides(root)
    if sides is None:
        return _side_by_side(root, options)
    return _by_names(*sides, (root,), options)


def _two_folders(options: PairedData) -> Pairs:
    if options.pairs is not None:
        raise DataError("give either --pairs or --a and --b, not both")
    if options.a is None or options.b is None:
        raise DataError("pairs in two folders want both of them: --a DIR and --b DIR")
    if options.a.resolve() == options.b.resolve():
        raise DataError(f"--a and --b are the same folder, {options.a}")
    folders = existing(options.a, "--a"), existing(options.b, "--b")
    return _by_names(one_side(folders[0]), one_side(folders[1]), folders, options)


def _by_names(a: Side, b: Side, folders: tuple[Path, ...], options: PairedData) -> Pairs:
    """The pairs of two sides, by the names of their files."""
    require_images(a.train, b.train)
    rows, alone = _partners(a.train, b.train)
    if not rows:
        raise DataError(
            f"no picture of {a.train} ({_first_names(a.train)}) has a partner of the same name in {b.train} "
            f"({_first_names(b.train)}); pairs are looked for by file name without its ending"
        )
    val_rows, val_alone = _partners(a.val, b.val) if a.val and b.val else ([], [])
    names = _names("a", "b", options) if a.name == b.name else _names(a.name, b.name, options)
    places = (_short(a.train, folders[0]), _short(b.train, folders[-1]))
    layout = f"pairs by name in {places[0]} and {places[1]}"
    alone += val_alone
    return Pairs(names, _columns(rows), _columns(val_rows), layout, folders=folders, alone=tuple(alone))


def find_domains(options: UnpairedData) -> Domains:
    """Two unpaired domains, from --a and --b or from one folder in the trainA/ trainB/ layout.

    Raises: DataError, where a folder is missing or empty, or the layout is another one.
    """
    if options.data is not None:
        if options.a is not None or options.b is not None:
            raise DataError("give either --data or --a and --b, not both")
        sides = two_sides(existing(options.data, "--data"))
        if sides is None:
            raise DataError(f"--data {options.data}: looked for trainA/ and trainB/; found {contents(options.data)}")
        folders: tuple[Path, ...] = (options.data,)
    elif options.a is not None and options.b is not None:
        if options.a.resolve() == options.b.resolve():
            raise DataError(f"--a and --b are the same folder, {options.a}")
        sides = one_side(existing(options.a, "--a")), one_side(existing(options.b, "--b"))
        folders = (options.a, options.b)
    else:
        raise DataError("no data: give --a DIR and --b DIR, or --data DIR with trainA/ and trainB/ in it")
    a, b = sides
    require_images(a.train, b.train)
    train = {"a": _whole(train_images(a.train)), "b": _whole(train_images(b.train))}
    val = {"a": _whole(list_images(a.val)) if a.val else (), "b": _whole(list_images(b.val)) if b.val else ()}
    names, layout = _names(a.name, b.name, options), f"unpaired, {a.train} and {b.train}"
    return Domains(names, train, val, layout, folders=folders)


def find_images(options: ImagesData) -> Domains:
    """One folder of pictures, flat or nested, as the side "high".

    Raises: DataError, where the folder is missing or empty.
    """
    if options.images is None:
        raise DataError("no data: give --images DIR")
    side = find_side(options.images, "--images")
    train, val = _whole(train_images(side.train)), _whole(list_images(side.val)) if side.val else ()
    layout = f"pictures in {side.train}"
    return Domains({HIGH: side.name}, {HIGH: train}, {HIGH: val}, layout, folders=(options.images,))


def _side_by_side(root: Path, options: PairedData) -> Pairs:
    folder = root / "train" if (root / "train").is_dir() else root
    val = held_out(root)
    files, val_files = train_images(folder), list_images(val) if val else []
    return Pairs(
        _names("a", "b", options),
        _halves(files),
        _halves(val_files),
        layout=f"side-by-side pairs in {folder}: a is the left half, b the right",
        folders=(root,),
    )


def _partners(a: Path, b: Path) -> tuple[list[tuple[Path, Path]], list[Path]]:
    """Files of both folders with the same path but for its ending, and those without a partner."""
    left, right = (by_name(folder, train_images(folder)) for folder in (a, b))
    found = partners(left, right)
    rows = [(left[name], found[name]) for name in sorted(found)]
    taken = {file for row in rows for file in row}
    alone = [files[name] for files in (left, right) for name in sorted(files) if files[name] not in taken]
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
    for side, name in names.items():
        if len(name) > LONGEST_NAME:
            raise DataError(
                f"domain {side} would be called {name[:20]}..., {len(name)} letters; allowed: up to {LONGEST_NAME}; "
                f"--name-{side} gives it another name"
            )
    return names


def _first_names(folder: Path) -> str:
    files = train_images(folder)
    return ", ".join(file.name for file in files[:2]) + (", ..." if len(files) > 2 else "")


def _short(path: Path, root: Path) -> str:
    return f"{path.relative_to(root)}/ of {root}" if path != root else f"{root}"
