"""Things removed from four photos, before and after: examples/results/removed.jpg.

    python tools/removed_things.py PHOTOS SHEET

PHOTOS: a folder with scikit-image's sample pictures, as its `skimage/data` has them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image

from img2img.cli.errors import refusals
from img2img.config.base import Refusal

REMOVED: dict[str, list[str]] = {
    "rocket.jpg": ["--polygon", "192,115 206,115 214,378 166,378", "--polygon", "437,115 453,115 482,400 430,400"],
    "camera.png": ["--box", "404,112,42,76", "--box", "436,150,76,50"],
    "astronaut.png": ["--polygon", "394,0 462,0 464,292 352,292 350,204 372,180 376,80"],
    "coffee.png": ["--polygon", "398,66 428,60 432,92 402,200 410,300 380,334 324,322 314,268 362,232 388,170"],
}
"""What each photo is to lose, in px, as `img2img inpaint` takes it: towers, buildings, a shuttle's model, a spoon."""

HEIGHT, GAP = 240, 6  # of a photo, and between two, px


def removed(photo: Path, shapes: list[str], folder: Path) -> Path:
    """The photo without them, a PNG in the folder."""
    out = folder / f"{photo.stem}.png"
    command = [sys.executable, "-m", "img2img", "inpaint", str(photo), *shapes, "-o", str(out)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return out


def row(before: Path, after: Path) -> Image.Image:
    """Both beside each other, `HEIGHT` px high."""
    pictures = [Image.open(path).convert("RGB") for path in (before, after)]
    width = round(pictures[0].width * HEIGHT / pictures[0].height)
    both = Image.new("RGB", (2 * width + GAP, HEIGHT), "white")
    for place, picture in enumerate(pictures):
        both.paste(picture.resize((width, HEIGHT), Image.Resampling.LANCZOS), (place * (width + GAP), 0))
    return both


def main(
    photos: Annotated[Path, typer.Argument(help="Folder of scikit-image's sample pictures.")],
    out: Annotated[Path, typer.Argument(help="The sheet, JPEG or PNG.")],
) -> None:
    """Draw the sheet."""
    with refusals():
        if missing := [name for name in REMOVED if not (photos / name).is_file()]:
            raise Refusal(f"{photos}: {', '.join(missing)} not there; wanted is scikit-image's skimage/data")
        if Image.registered_extensions().get(out.suffix.lower()) not in Image.SAVE:
            raise Refusal(f"{out}: no picture's name; allowed are .jpg, .png and what else Pillow writes")
        if out.is_dir() or not out.parent.is_dir():
            raise Refusal(f"{out}: {'a folder itself' if out.is_dir() else 'in no folder that is there'}")
    with tempfile.TemporaryDirectory() as made:
        try:
            rows = [row(photos / name, removed(photos / name, shapes, Path(made))) for name, shapes in REMOVED.items()]
        except subprocess.CalledProcessError as error:  # which has said why
            raise typer.Exit(error.returncode) from None
    sheet = Image.new("RGB", (max(one.width for one in rows), len(rows) * (HEIGHT + GAP) - GAP), "white")
    for place, one in enumerate(rows):
        sheet.paste(one, (0, place * (HEIGHT + GAP)))
    sheet.save(out, quality=90)
    print(out)


if __name__ == "__main__":
    typer.run(main)
