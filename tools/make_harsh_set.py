"""A fixed set of damaged photos to measure upscalers on: mild, as cameras take them, and harsh, of three kinds.

    python tools/make_harsh_set.py PHOTOS SET
    img2img evaluate sr --reference SET/harsh/phone/HR_x4 --low SET/harsh/phone/LR_x4 --model photo-x4

PHOTOS are clean ones that no model was trained on. What damages them shares no line with what `--degrade photo` trains
on: numpy and OpenCV, noise in linear light, hairs drawn as strokes, and libjpeg itself. Each picture's damage follows
from --seed, its kind and its place in the folder. SET gets mild, harsh/phone, harsh/scan and harsh/lowlight, each with
HR_x4 and LR_x4, PNG of the same names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from PIL import Image, ImageOps

from img2img.cli.errors import refusals
from img2img.config.base import Refusal
from img2img.images import list_images

Pixels = np.ndarray
"""(H, W, 3) float32, RGB, 0 to 255."""
Damaged = tuple[Pixels, Pixels]
"""The high resolution, and the low one that is damaged."""

SHARPEST = 1024
"""Photos whose shorter side is longer are shrunk to it, px: their pixels are sharp then, and show more of the scene."""
GAMMA = 2.2


def mild(high: Pixels, scale: int, rng: np.random.Generator) -> Damaged:
    """A good camera: light blur, noise of 2 to 5 levels, JPEG of quality 80 to 95."""
    soft = cv2.GaussianBlur(high, (0, 0), rng.uniform(0.15, 0.35) * scale)
    low = shrunk(soft, scale) + rng.uniform(2, 5) * rng.standard_normal(small_shape(high, scale), dtype=np.float32)
    return high, jpeg(low, rng.integers(80, 96))


def phone(high: Pixels, scale: int, rng: np.random.Generator) -> Damaged:
    """A phone: noise smoothed away with what is fine, halos of strong sharpening, JPEG of quality 40 to 70."""
    low = shrunk(high, scale)
    low = clean(low + rng.uniform(5, 9) * rng.standard_normal(low.shape, dtype=np.float32))
    smooth = cv2.bilateralFilter(cv2.medianBlur(low.astype(np.uint8), 3).astype(np.float32), 5, 25, 2)
    smooth = 0.7 * smooth + 0.3 * low
    halo = smooth - cv2.GaussianBlur(smooth, (0, 0), rng.uniform(0.8, 1.6))
    return high, jpeg(smooth + rng.uniform(0.9, 1.8) * halo, rng.integers(40, 71))


def scan(high: Pixels, scale: int, rng: np.random.Generator) -> Damaged:
    """An old print under a scanner: faded in both resolutions; grain, dust, hairs, a slight blur, JPEG of 85 to 92."""
    high = faded(high, rng)
    low = shrunk(high, scale)
    middle = 4 * low / 255 * (1 - low / 255)
    low = low + rng.uniform(8, 16) * (0.4 + 0.6 * middle) * coarse(low.shape[:2], rng.uniform(1.2, 2.2), rng)[..., None]
    low = dusty(clean(low), rng)
    return high, jpeg(cv2.GaussianBlur(low, (0, 0), rng.uniform(0.4, 0.7)), rng.integers(85, 93))


def lowlight(high: Pixels, scale: int, rng: np.random.Generator) -> Damaged:
    """Little light: 250 to 900 photons of white in linear light, blotches of colour, JPEG of quality 75."""
    photons = rng.uniform(250, 900)
    light = (clean(shrunk(high, scale)) / 255) ** GAMMA
    low = 255 * (rng.poisson(light * photons) / photons).astype(np.float32) ** (1 / GAMMA)
    luma = cv2.cvtColor(clean(low), cv2.COLOR_RGB2YCrCb)
    for channel in (1, 2):
        luma[..., channel] += rng.uniform(4, 9) * coarse(low.shape[:2], rng.uniform(2.5, 5), rng)
    return high, jpeg(cv2.cvtColor(luma, cv2.COLOR_YCrCb2RGB), 75)


KINDS: dict[str, Callable[[Pixels, int, np.random.Generator], Damaged]] = {
    "mild": mild,
    "harsh/phone": phone,
    "harsh/scan": scan,
    "harsh/lowlight": lowlight,
}


def faded(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Grey blacks, dull whites, a warm cast."""
    black = rng.uniform(15, 45) * np.array([1.1, 0.95, 0.8])
    white = 255 - rng.uniform(10, 40) * np.array([0.4, 0.8, 1.6])
    return (black + (white - black) * (picture / 255) ** rng.uniform(0.9, 1.1)).astype(np.float32).round()


def dusty(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Specks and up to two hairs, bright on half of the prints; drawn four times as large, for soft edges."""
    height, width = picture.shape[:2]
    cover = np.zeros((4 * height, 4 * width), np.uint8)
    for _ in range(rng.integers(3, 15)):
        middle = rng.integers((4 * width, 4 * height)).tolist()
        axes = rng.integers(1, 7, 2).tolist()
        cv2.ellipse(cover, middle, axes, rng.uniform(0, 180), 0, 360, int(rng.integers(150, 256)), -1)
    for _ in range(rng.integers(0, 3)):
        turns = np.cumsum(rng.normal(0, 0.12, 40)) + rng.uniform(0, 2 * np.pi)
        steps = np.stack([np.cos(turns), np.sin(turns)], 1) * rng.uniform(3, 10)
        hair = rng.uniform(0, 4, 2) * (width, height) + np.cumsum(steps, 0)
        cv2.polylines(cover, [hair.astype(np.int32)], False, int(rng.integers(120, 230)), int(rng.integers(2, 5)))
    share = cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA)[..., None].astype(np.float32) / 255
    tone = rng.uniform(215, 250) if rng.random() < 0.5 else rng.uniform(10, 50)
    return picture + share * (np.float32(tone) - picture)


def coarse(shape: tuple[int, ...], grain: float, rng: np.random.Generator) -> np.ndarray:
    """Noise (H, W) of standard deviation 1 whose grains are about `grain` px: fewer numbers, enlarged."""
    height, width = shape
    few = rng.standard_normal((int(height / grain) + 2, int(width / grain) + 2), dtype=np.float32)
    many = cv2.resize(few, (width, height), interpolation=cv2.INTER_CUBIC)
    return many / many.std()


def shrunk(picture: Pixels, scale: int) -> Pixels:
    height, width = picture.shape[:2]
    return cv2.resize(picture, (width // scale, height // scale), interpolation=cv2.INTER_AREA)


def small_shape(picture: Pixels, scale: int) -> tuple[int, int, int]:
    return picture.shape[0] // scale, picture.shape[1] // scale, 3


def clean(picture: Pixels) -> Pixels:
    """The nearest levels of a file."""
    return np.clip(picture, 0, 255).round().astype(np.float32)


def jpeg(picture: Pixels, quality: int) -> Pixels:
    """Through libjpeg, colour at half the resolution."""
    file = BytesIO()
    Image.fromarray(clean(picture).astype(np.uint8)).save(file, "JPEG", quality=int(quality), subsampling=2)
    return np.asarray(Image.open(file)).astype(np.float32)


def middle_squares(folder: Path, count: int, side: int, scale: int) -> Iterator[tuple[str, Pixels]]:
    """Names and middle squares, `side` px or what there is, of the first photos of a folder."""
    for path in list_images(folder)[:count]:
        with Image.open(path) as opened:
            photo = ImageOps.exif_transpose(opened).convert("RGB")
        shorter = min(photo.size)
        if shorter > SHARPEST:
            size = [max(1, round(length * SHARPEST / shorter)) for length in photo.size]
            photo = photo.resize((size[0], size[1]), Image.Resampling.LANCZOS)
        own = min(side, *photo.size) // scale * scale
        left, top = ((length - own) // 2 for length in photo.size)
        yield path.stem, np.asarray(photo.crop((left, top, left + own, top + own))).astype(np.float32)


def save(picture: Pixels, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(clean(picture).astype(np.uint8)).save(path)


def main(
    photos: Annotated[Path, typer.Argument(help="Folder of clean photos.")],
    out: Annotated[Path, typer.Argument(help="Folder to write.")],
    count: Annotated[int, typer.Option(min=1, help="Photos, at most; each is damaged in every way.")] = 24,
    side: Annotated[int, typer.Option(min=64, help="Side of the high resolution, px.")] = 512,
    scale: Annotated[int, typer.Option(min=1, max=8, help="Between high and low resolution.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="Of the damage.")] = 0,
) -> None:
    """Write the set."""
    with refusals():
        found = 0
        for number, (name, high) in enumerate(middle_squares(photos, count, side, scale)):
            for place, (kind, damage) in enumerate(KINDS.items()):
                pair = damage(high, scale, np.random.default_rng((seed, place, number)))
                for resolution, picture in zip(("HR", "LR"), pair, strict=True):
                    save(picture, out / kind / f"{resolution}_x{scale}" / f"{name}.png")
            found += 1
        if not found:
            raise Refusal(f"{photos}: no photos there")
    print(f"{found} photos in {len(KINDS)} ways: {out}")


if __name__ == "__main__":
    typer.run(main)
