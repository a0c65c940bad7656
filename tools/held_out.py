"""Which photos no network of ours is ever trained on: the one rule, for training and for figures.

    python tools/held_out.py PHOTOS --out FOLDER        links to the photos kept out, to measure on

Of all photos below a folder, sorted by file name, every eighth: the 8th, the 16th, ...
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from img2img.cli.errors import refusals
from img2img.config.base import Refusal
from img2img.images import list_images

EVERY = 8


def divide(photos: Sequence[Path], rule: str = str(EVERY)) -> tuple[list[Path], list[Path]]:
    """Photos to train on, and those that are kept out; both in order of their names.

    rule: a number N for every Nth, 0 for none; or a file with the name of a photo to be kept out on each line.
    Raises Refusal for a rule that is neither, for names that no photo has, and where none is left to train on.
    """
    ordered = sorted(photos, key=lambda photo: (photo.name, photo))
    if rule.isdecimal():
        kept_out = set(ordered[int(rule) - 1 :: int(rule)] if int(rule) else [])
    elif Path(rule).is_file():
        names = {line.strip() for line in Path(rule).read_text(encoding="utf-8").splitlines() if line.strip()}
        kept_out = {photo for photo in ordered if photo.name in names}
        if gone := names - {photo.name for photo in kept_out}:
            raise Refusal(f"--hold-out {rule}: no photo is called {', '.join(sorted(gone)[:3])}")
    else:
        raise Refusal(f"--hold-out {rule}: neither a number nor a file with names")
    train = [photo for photo in ordered if photo not in kept_out]
    if not train:
        raise Refusal(f"--hold-out {rule}: of {len(ordered)} photos none is left to train on")
    return train, [photo for photo in ordered if photo in kept_out]


def linked(folder: Path, rule: str, out: Path) -> Path:
    """`out` with links to the folder's photos: train/, and val/ where any are kept out. Made anew each time."""
    train, kept_out = divide(list_images(folder), rule)
    shutil.rmtree(out, ignore_errors=True)
    for name, photos in (("train", train), ("val", kept_out)):
        for photo in photos:
            link(photo, out / name / photo.relative_to(folder))
    return out


def link(photo: Path, place: Path) -> None:
    """A symbolic link to a photo."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(photo.resolve())


def main(
    photos: Annotated[Path, typer.Argument(help="Folder of photos.")],
    out: Annotated[Path, typer.Option(help="Folder that is to hold the links; it must not be there yet.")],
    hold_out: Annotated[str, typer.Option(help="Every so manieth by name, or a file with a name a line.")] = str(EVERY),
) -> None:
    """Link to the photos that are kept out of training."""
    with refusals():
        if out.exists():
            raise Refusal(f"--out {out}: is there already")
        _, kept_out = divide(list_images(photos), hold_out)
        for photo in kept_out:
            link(photo, out / photo.relative_to(photos))
    print(out)


if __name__ == "__main__":
    typer.run(main)
