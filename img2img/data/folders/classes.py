"""Pictures to learn to draw: one folder, flat, or with a sub-folder for each class."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from img2img.config.networks.samplers import REAL
from img2img.config.sections.data import LONGEST_NAME, DomainsData
from img2img.images import list_images
from img2img.images.names import same_form

from .errors import DataError
from .find import Domains, Picture
from .layout import contents, find_side


class WithImages(Protocol):
    """Options that name a folder of pictures."""

    @property
    def images(self) -> Path | None: ...


def find_domain_folders(options: DomainsData) -> Domains:
    """As `find_classes`, where the classes are domains, of which there are two or more, each with a name that stands in
    file names. Raises DataError, also for other folders.
    """
    if options.images is None:
        raise DataError("no data: give --images DIR, with a sub-folder of pictures for each domain")
    found = find_classes(options)
    if not found.classes:
        folder = find_side(options.images, "--images").train
        raise DataError(
            f"--images {options.images}: looked for two or more sub-folders of pictures, a domain each, and no picture "
            f"beside them; found {contents(folder)}"
        )
    if long := [name for name in found.classes if len(name) > LONGEST_NAME]:
        raise DataError(f"{long[0][:20]}...: a domain's name has up to {LONGEST_NAME} letters")
    return found


def find_classes(options: WithImages) -> Domains:
    """The pictures of --images as the side "real"; its sub-folders, where there are two or more and no picture beside
    them, are classes, numbered by name.

    Raises DataError, where the folder is missing or empty, or a class has no training picture.
    """
    if options.images is None:
        raise DataError("no data: give --images DIR or --dataset NAME")
    side = find_side(options.images, "--images")
    files, held_out = side.train_images(), list_images(side.val) if side.val else []
    classes = _classes(side.train, files)
    layout = f"pictures in {side.train}" + (f", {len(classes)} classes by sub-folder" if classes else "")
    return Domains(
        {REAL: side.name},
        {REAL: _labelled(files, side.train, classes)},
        {REAL: _labelled(held_out, side.val, classes)},
        layout,
        classes,
        (options.images,),
    )


def _classes(folder: Path, files: list[Path]) -> tuple[str, ...]:
    """The names of the sub-folders that the files lie in; none where some lie in no sub-folder, or all in one."""
    places = {same_form(file.relative_to(folder).parts[0]) for file in files if file.parent != folder}
    flat = any(file.parent == folder for file in files)
    return () if flat or len(places) < 2 else tuple(sorted(places))


def _labelled(files: list[Path], folder: Path | None, classes: tuple[str, ...]) -> tuple[Picture, ...]:
    if folder is None or not classes:
        return tuple(Picture(file) for file in files)
    number = {name: index for index, name in enumerate(classes)}
    return tuple(Picture(file, label=number[_class_of(file, folder, number)]) for file in files)


def _class_of(file: Path, folder: Path, number: dict[str, int]) -> str:
    name = same_form(file.relative_to(folder).parts[0])
    if name not in number:
        raise DataError(f"{file}: of no class that there is to train on; there are {', '.join(number)}")
    return name
