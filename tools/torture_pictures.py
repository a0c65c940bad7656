"""Pictures of every format that the program reads."""

from __future__ import annotations

import io
import struct
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image
from torture import Answer, Subject
from torture_mutators import MUTATORS

from img2img.images import ImageError, Photo, probe, read_photo, read_training_image, verify

_CHECKED = (".png", ".deflate.tif")
"""Endings of files whose pixels have checksums: another picture without a word is a fault, whatever was done."""
_TOLD_BY_THE_DECODER = {"cut-and-closed", "jpeg-height"}
"""Damage to a JPEG that libjpeg always warns of."""


def pictures() -> Subject:
    """Every format and compression, 8 and 16 bits."""
    return Subject(_whole(), _ask, {**MUTATORS, **OWN_MUTATORS})


def cut_and_closed(data: bytes, rng: np.random.Generator) -> bytes:
    """Cut in the middle, with the end that its format has."""
    cut = data[: int(rng.integers(len(data) // 2, len(data) * 9 // 10))]
    if data.startswith(b"\xff\xd8"):
        return cut + b"\xff\xd9"
    return cut + data[-12:]


def jpeg_height(data: bytes, rng: np.random.Generator) -> bytes:
    """A JPEG's header says another height, of the next block at least; other files are cut."""
    start = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    if not data.startswith(b"\xff\xd8") or start < 0:
        return MUTATORS["truncated"](data, rng)
    (height,) = struct.unpack(">H", data[start + 5 : start + 7])
    other = int(rng.choice([height // 2, height + 40, 4 * height]))
    return data[: start + 5] + struct.pack(">H", other) + data[start + 7 :]


OWN_MUTATORS = {"cut-and-closed": cut_and_closed, "jpeg-height": jpeg_height}


def _ask(path: Path, whole: bytes, mutator: str) -> Answer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seen, verdicts = _read(path), [_passes(verify, path), _passes(_for_training, path)]
    if len({seen is not None, *verdicts}) > 1:
        raise AssertionError(f"read {seen is not None}, verify and training {verdicts}")
    if seen is None:
        return "refused"
    facts = probe(path)
    if (facts.width, facts.height) != (seen.width, seen.height):
        raise AssertionError(f"probe says {facts.width} x {facts.height}, read {seen.width} x {seen.height}")
    before = read_photo(whole)
    if before.pixels.shape == seen.pixels.shape and before.pixels.equal(seen.pixels):
        return "unharmed"
    told = path.name.endswith(_CHECKED) and not is_other_header(path, whole)
    if told or (mutator in _TOLD_BY_THE_DECODER and path.suffix == ".jpg"):
        return "SILENT"
    return "changed"


def is_other_header(path: Path, whole: bytes) -> bool:
    """Whether a TIFF's directory is another one: it has no checksum, and says what the pixels mean."""
    data = path.read_bytes()
    return path.suffix == ".tif" and (data[:8] != whole[:8] or _folder_of(data) != _folder_of(whole))


def _folder_of(data: bytes) -> bytes:
    (place,) = struct.unpack("<I", data[4:8])
    return data[place : place + 400]


def _read(path: Path) -> Photo | None:
    try:
        return read_photo(path, max_pixels=50_000_000)
    except ImageError as error:
        _check_line(error, path)
        return None


def _passes(reader: Any, path: Path) -> bool:
    try:
        reader(path, max_pixels=50_000_000)
    except ImageError as error:
        _check_line(error, path)
        return False
    return True


def _for_training(path: Path, *, max_pixels: int) -> None:
    read_training_image(path, 3, max_pixels=max_pixels)


def _check_line(error: ImageError, path: Path) -> None:
    line = str(error)
    if "\n" in line or str(path) not in line:
        raise AssertionError(f"no line that names the file: {line!r}")


def _whole() -> dict[str, bytes]:
    blocks = np.random.default_rng(0).integers(0, 256, (8, 12, 3)).astype(np.uint8)
    array = cv2.resize(blocks, (192, 128), interpolation=cv2.INTER_CUBIC)
    image = Image.fromarray(array)
    clear = np.dstack([array, array[..., 0]])
    deep = array.astype(np.uint16) * 257
    files = {
        "rgb.png": _saved(image, "PNG"),
        "grey.png": _saved(image.convert("L"), "PNG"),
        "palette.png": _saved(image.convert("P"), "PNG"),
        "clear.png": _saved(Image.fromarray(clear), "PNG"),
        "deep.png": cv2.imencode(".png", deep)[1].tobytes(),
        "plain.jpg": _saved(image, "JPEG"),
        "progressive.jpg": _saved(image, "JPEG", progressive=True),
        "optimised.jpg": _saved(image, "JPEG", optimize=True, quality=60),
        "restarts.jpg": _saved(image, "JPEG", restart_marker_rows=1),
        "grey.jpg": _saved(image.convert("L"), "JPEG"),
        "cmyk.jpg": _saved(image.convert("CMYK"), "JPEG"),
        "lossy.webp": _saved(image, "WEBP"),
        "lossless.webp": _saved(image, "WEBP", lossless=True),
        "picture.avif": _saved(image, "AVIF"),
        "raw.tif": _saved(image, "TIFF"),
        "rgb.deflate.tif": _saved(image, "TIFF", compression="tiff_adobe_deflate"),
        "deep.deflate.tif": cv2.imencode(".tif", deep, [cv2.IMWRITE_TIFF_COMPRESSION, 8])[1].tobytes(),
        "picture.gif": _saved(image, "GIF"),
        "picture.bmp": _saved(image, "BMP"),
        "picture.ppm": _saved(image, "PPM"),
    }
    for name in ("jpeg", "tiff_lzw", "zstd", "packbits", "lzma"):
        files[f"{name}.tif"] = _saved(image, "TIFF", compression=name)
    files["fax.tif"] = _saved(image.convert("1"), "TIFF", compression="group4")
    return files


def _saved(image: Image.Image, kind: str, **settings: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **settings)
    return out.getvalue()
