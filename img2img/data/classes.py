"""Pictures to learn to draw: one folder, flat, or with a sub-folder for each class."""

from __future__ import annotations

from pathlib import Path

from img2img.config.networks.samplers import REAL
from img2img.config.train.gan import GanData
from img2img.images import list_images
from img2img.images.names import same_form

from .errors import DataError
from .folders import Domains, Picture
from .layout import find_side


def find_classes(options: GanData) -> Domains:
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
