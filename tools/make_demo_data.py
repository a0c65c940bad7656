"""Makes what lies in examples/: two unpaired domains, photos and two-ink prints, whole pictures to convert, a mask.

    pip install scikit-image scikit-learn
    python tools/make_demo_data.py examples

The photos come with scikit-image and scikit-learn, which the package itself does not need. Each photo of the training
set is cut into cells like a chessboard: crops of white cells are photos, crops of black cells are drawn as prints, so
that nothing is seen in both domains. The photos to convert are in neither.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

Pixels = np.ndarray
"""(H, W, 3) uint8, RGB."""

CROP = 96
"""Side of a crop, px."""
CELL = 128
"""Smallest side of a cell, px: a crop shows three quarters of its sides or more."""
CROPS = 25
"""Crops of each photo in each domain."""
CONTRAST = 20
"""Smallest standard deviation of a crop's channels, of 255: plain sky teaches little."""

PAPER = np.array((0.97, 0.94, 0.87))
BLUE = np.array((0.10, 0.30, 0.62))
PINK = np.array((1.0, 0.42, 0.55))
TONES = 4
"""Tones of each ink, with paper."""
MISFIT = (1, 2)
"""How far the second ink is printed beside the first, px down and across."""

ISLAND = (
    (373, 227), (427, 223), (460, 220), (507, 225), (509, 241), (467, 249), (424, 247), (373, 241),
)  # fmt: skip
"""Outline of the island in the photo of the pagoda and of its bridge, (x, y) px."""
TREE = (
    (640, 127), (603, 127), (580, 143), (563, 187), (537, 207), (536, 253), (545, 277), (548, 300), (567, 320),
    (587, 333), (640, 333),
)  # fmt: skip
"""Outline of the tree at its right border."""
BOATS = (
    (371, 267), (371, 300), (385, 287), (389, 241), (393, 254), (407, 253), (408, 285), (425, 278), (427, 259),
    (427, 269), (443, 263), (445, 294), (467, 259), (467, 273), (485, 269), (492, 257), (517, 277), (527, 233),
    (533, 248), (541, 257),
)  # fmt: skip
"""Where its boats are."""
BOAT = 6
"""Radius of a boat, px."""


def main() -> None:
    """Writes photos/, prints/ and the pictures to convert into the folder that is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    whole = photos_to_convert()
    write_domains(photos_to_train_on(), options.folder, options.seed)
    for name, photo in whole.items():
        save(photo, options.folder / f"{name}.jpg")
        save(print_of(photo, np.random.default_rng(options.seed)), options.folder / f"{name}_print.jpg")
    save(photo_to_enlarge(), options.folder / "cat.jpg")
    Image.fromarray(hole_in(whole["pagoda"])).save(options.folder / "pagoda_hole.png", optimize=True)


def photos_to_train_on() -> dict[str, Pixels]:
    """Name -> photo."""
    from skimage import data
    from sklearn.datasets import load_sample_image

    return {
        "astronaut": data.astronaut(),
        "cat": data.chelsea(),
        "dahlia": load_sample_image("flower.jpg"),
        "rocket": data.rocket(),
    }


def photos_to_convert() -> dict[str, Pixels]:
    """Name -> photo; none of them is trained on."""
    from skimage import data
    from sklearn.datasets import load_sample_image

    return {"coffee": data.coffee(), "pagoda": load_sample_image("china.jpg")}


def photo_to_enlarge() -> Pixels:
    """A small photo, 451 x 300 px, with hair and an eye that lost their detail."""
    from skimage import data

    return data.chelsea()


def hole_in(pagoda: Pixels) -> np.ndarray:
    """(H, W) uint8: 255 where the island, the tree and the boats are, which are to go, 0 elsewhere."""
    mask = np.zeros(pagoda.shape[:2], np.uint8)
    for outline in (ISLAND, TREE):
        cv2.fillPoly(mask, [np.array(outline)], 255)
    for boat in BOATS:
        cv2.circle(mask, boat, BOAT, 255, cv2.FILLED)
    return mask


def write_domains(photos: Mapping[str, Pixels], folder: Path, seed: int, count: int = CROPS) -> None:
    """`count` crops of each photo as folder/photos/*.jpg, and as many others as folder/prints/*.jpg."""
    for number, (name, photo) in enumerate(photos.items()):
        rng = np.random.default_rng((seed, number))
        white, black = chessboard(photo)
        for index, crop in enumerate(crops(white, count, rng)):
            save(crop, folder / "photos" / f"{name}_{index:02}.jpg")
        for index, crop in enumerate(crops(black, count, rng)):
            save(print_of(crop, rng), folder / "prints" / f"{name}_{index:02}.jpg")


def chessboard(photo: Pixels) -> tuple[list[Pixels], list[Pixels]]:
    """The photo's white and its black cells; no side of a cell is under CELL px where the photo is not."""
    height, width = photo.shape[:2]
    rows, columns = max(1, height // CELL), max(1, width // CELL)
    cells: tuple[list[Pixels], list[Pixels]] = [], []
    for row, band in enumerate(np.array_split(photo, rows, axis=0)):
        for column, cell in enumerate(np.array_split(band, columns, axis=1)):
            cells[(row + column) % 2].append(cell)
    return cells


def crops(cells: list[Pixels], count: int, rng: np.random.Generator) -> Iterator[Pixels]:
    """`count` squares of CROP px from the cells; a plain one is drawn again, up to 50 times."""
    for _ in range(count):
        for _ in range(50):
            crop = random_crop(cells[rng.integers(len(cells))], rng)
            if crop.std((0, 1)).mean() >= CONTRAST:
                break
        yield crop


def random_crop(cell: Pixels, rng: np.random.Generator) -> Pixels:
    """A square from the cell, CROP px of it or more, as CROP px."""
    height, width = cell.shape[:2]
    side = rng.integers(CROP, min(height, width), endpoint=True)
    top, left = rng.integers(0, (height - side, width - side), endpoint=True)
    return cv2.resize(cell[top : top + side, left : left + side], (CROP, CROP), interpolation=cv2.INTER_AREA)


def print_of(photo: Pixels, rng: np.random.Generator) -> Pixels:
    """The photo as a two-ink print: blue for the dark, pink for the warm, few tones of each, on cream paper."""
    red, green, blue = cv2.split(cv2.GaussianBlur(photo.astype(np.float32) / 255, (0, 0), 1.0))
    dark = np.clip((0.88 - 0.7 * red - 0.3 * green) / 0.82, 0, 1) ** 1.15
    warm = np.clip((0.9 - blue) / 0.7, 0, 1) * (1 - 0.55 * dark)
    first, second = (_toned(ink, rng)[..., None] for ink in (dark, warm))
    second = _moved(second, *MISFIT)
    paper = PAPER + 0.017 * _noise(red.shape, rng)[..., None]
    light = paper * (1 - first * (1 - BLUE)) * (1 - second * (1 - PINK))
    return (np.clip(light, 0, 1) * 255).round().astype(np.uint8)


def _toned(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Coverage (H, W) in [0, 1] in TONES steps, whose borders are rough like those of a stencil."""
    steps = np.clip(ink + 0.02 * _noise(ink.shape, rng), 0, 1) * (TONES - 1)
    whole = np.floor(steps)
    return (whole + np.clip((steps - whole - 0.5) / 0.3 + 0.5, 0, 1)) / (TONES - 1)


def _moved(ink: np.ndarray, down: int, across: int) -> np.ndarray:
    """Coverage (H, W, 1) moved down and to the right; the border is repeated."""
    height, width = ink.shape[:2]
    return np.pad(ink, ((down, 0), (across, 0), (0, 0)), mode="edge")[:height, :width]


def _noise(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Grain of about 2 px, standard deviation 1."""
    grain = cv2.GaussianBlur(rng.standard_normal(shape, dtype=np.float32), (0, 0), 0.8)
    return grain / grain.std()


def save(pixels: Pixels, path: Path) -> None:
    """A JPEG of quality 90."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, quality=90)


if __name__ == "__main__":
    main()
