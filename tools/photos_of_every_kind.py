"""A folder of photos of every kind that a person may have, some of them broken, each with what is known of it.

What `tools/check_folder.py` enlarges; drawn from a seed, so that the same ones can be made again.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageCms, ImageOps

MAKE, ORIENTATION = 0x010F, 0x0112
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GREY = SRGB[:16] + b"GRAY" + SRGB[20:]  # a grey one by its header, which decides where it may go
WRITTEN = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "avif": "AVIF", "tif": "TIFF", "tiff": "TIFF"}
NEAR = {"1": 30.0, "P": 8.0}
"""Levels of 255 that a result, scaled down, may be off in the mean: of dots, of few colours."""
FOLDERS = ("", "a", "a/b/c", "Größe 写真", "with  two spaces ", "folder.jpg", "[red]", "-o")
STEMS = ("{n}", "IMG_{n}", "Ünïcödé {n}", "写真 📷 {n}", "it's  {n} 100%", "-{n}", "{n}.x4", "[b]{n}", "{n} long")

Kind = tuple[str, str, str, str, dict[str, Any]]
"""Suffix, format, mode drawn, mode of the result, how it is saved."""
PLAIN: list[Kind] = [
    *(("jpg" if turn % 2 else "JPG", "JPEG", "RGB", "RGB", {"turn": turn}) for turn in range(1, 9)),
    ("jpeg", "JPEG", "RGB", "RGB", {}),
    ("jpg", "JPEG", "RGB", "RGB", {"progressive": True, "subsampling": "4:2:0", "quality": 60}),
    ("jpg", "JPEG", "L", "L", {"turn": 6}),
    ("jpg", "JPEG", "CMYK", "RGB", {}),
    *(("png", "PNG", mode, mode, {}) for mode in ("RGB", "RGBA", "L", "LA")),
    ("PNG", "PNG", "RGB", "RGB", {"turn": 5}),
    ("png", "PNG", "1", "L", {}),
    ("png", "PNG", "P", "RGB", {}),
    ("png", "PNG", "P", "RGBA", {"transparency": bytes(range(0, 256, 4))}),
    ("png", "PNG", "RGB", "RGB", {"frames": 3}),
    *(("webp", "WEBP", mode, made, {"turn": 8}) for mode, made in (("RGB", "RGB"), ("RGBA", "RGBA"), ("L", "RGB"))),
    ("webp", "WEBP", "RGBA", "RGBA", {"lossless": True}),
    ("webp", "WEBP", "RGB", "RGB", {"frames": 2}),
    *(("avif", "AVIF", mode, made, {"turn": 6}) for mode, made in (("RGB", "RGB"), ("RGBA", "RGBA"), ("L", "L"))),
    *(("tif", "TIFF", mode, mode, {"turn": 7}) for mode in ("RGB", "RGBA", "L", "LA")),
    ("TIFF", "TIFF", "RGB", "RGB", {"compression": "tiff_lzw"}),
    ("tif", "TIFF", "RGB", "RGB", {"compression": "jpeg", "quality": 90}),
    ("tif", "TIFF", "1", "L", {"compression": "group4"}),
    ("tif", "TIFF", "CMYK", "RGB", {}),
    ("tiff", "TIFF", "P", "RGB", {}),
    ("gif", "GIF", "P", "RGB", {}),
    ("gif", "GIF", "P", "RGBA", {"keyed": True}),
    ("gif", "GIF", "P", "RGB", {"frames": 3}),
    *(("bmp", "BMP", mode, made, {}) for mode, made in (("RGB", "RGB"), ("L", "L"), ("P", "RGB"), ("1", "L"))),
    ("jpg", "PNG", "RGB", "RGB", {}),  # suffixes that are not the content's
    ("png", "JPEG", "RGB", "RGB", {}),
]
DEEP = [(suffix, mode) for suffix in ("png", "tif") for mode in ("L", "RGB", "RGBA")]


@dataclass(frozen=True)
class Truth:
    """What is known of a photo. pixels: (H, W, C), upright; None where it is broken. The rest is its result's.

    near: levels of 255 that the result may be off in the mean.
    """

    pixels: np.ndarray | None = None
    mode: str = ""
    suffix: str = ""
    icc: bytes | None = None
    make: str | None = None
    near: float = 4.0


def make_photos(folder: Path, count: int, rng: np.random.Generator) -> dict[Path, Truth]:
    """Photos of every kind, in folders and with names of every kind."""
    made: dict[Path, Truth] = {}
    kinds: list[Any] = [*PLAIN, *DEEP, *BROKEN]
    for number in range(count):
        kind = kinds[number % len(kinds)]
        place = folder / FOLDERS[rng.integers(len(FOLDERS))]
        stem = STEMS[rng.integers(len(STEMS))].format(n=f"{number:03}")
        if stem.endswith("long"):
            stem += "é" * ((254 - len(f"{stem}.{kind[0]}")) // 2)
        path = place / f"{stem}.{kind[0]}"
        place.mkdir(parents=True, exist_ok=True)
        height, width = {3: (1, 1), 4: (1, 300)}.get(number, rng.integers(48, 208, 2).tolist())
        if kind not in BROKEN:
            content, made[path] = (_deep if kind in DEEP else _plain)(*kind, draw(rng, height, width))
            path.write_bytes(content)
            continue
        made[path] = Truth()
        if kind[1]:
            path.write_bytes(kind[1](rng))
        else:
            path.symlink_to("nowhere.jpg")
    return made


def draw(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Smooth random samples, (H, W, 4) in [0, 1]: colour, and transparency with clear and opaque parts."""
    coarse = rng.random((5, 5, 4), np.float32)
    coarse[..., 3] = coarse[..., 3] * 3 - 1
    return np.clip(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)


def _plain(suffix: str, kind: str, mode: str, made: str, how: dict[str, Any], drawn: np.ndarray) -> tuple[bytes, Truth]:
    """A photo of 8 bits and its truth, which is what Pillow makes of it."""
    settings = dict(how)
    turn, frames = settings.pop("turn", 1), settings.pop("frames", 1)
    image, *more = (_image(np.roll(drawn, number, 0), mode) for number in range(frames))
    settings |= {"save_all": True, "append_images": more} if more else {}
    settings |= {"transparency": image.getpixel((0, 0))} if settings.pop("keyed", False) else {}
    icc = make = None
    if kind in WRITTEN.values():
        make, icc = "a camera", None if mode == "CMYK" else GREY if mode in ("L", "LA", "1") else SRGB
        exif = Image.Exif()
        exif[MAKE], exif[ORIENTATION] = make, turn
        settings |= {"exif": exif, "icc_profile": icc}
    out = io.BytesIO()
    image.save(out, kind, **settings)
    with Image.open(out) as reopened:
        reopened.load()
        upright = ImageOps.exif_transpose(reopened).convert(made)
    if icc == GREY and made == "RGB":
        icc = None  # a grey profile has no place in the colour that WebP and AVIF make of grey
    written = suffix if suffix.lower() in WRITTEN else "png"
    return out.getvalue(), Truth(np.asarray(upright), made, written, icc, make, NEAR.get(mode, 4.0))


def _image(drawn: np.ndarray, mode: str) -> Image.Image:
    image = Image.fromarray((drawn * 255).round().astype(np.uint8))
    if mode == "P":
        return image.convert("RGB").quantize(64)
    return image.convert("RGB").convert(mode) if mode == "CMYK" else image.convert(mode, dither=Image.Dither.NONE)


def _deep(suffix: str, mode: str, drawn: np.ndarray) -> tuple[bytes, Truth]:
    """A photo of 16 bits, written by OpenCV."""
    samples = (drawn[..., : {"L": 1, "RGB": 3, "RGBA": 4}[mode]] * 65535).round().astype(np.uint16)
    _, content = cv2.imencode(f".{suffix}", swapped(samples))
    return content.tobytes(), Truth(samples, mode, suffix, near=0.3)


def swapped(samples: np.ndarray) -> np.ndarray:
    """RGB(A) as OpenCV has it, and back."""
    return samples if samples.shape[2] == 1 else np.ascontiguousarray(samples[..., [2, 1, 0, 3][: samples.shape[2]]])


def _cut(kind: str, mode: str = "RGB") -> Callable[[np.random.Generator], bytes]:
    def make(rng: np.random.Generator) -> bytes:
        out = io.BytesIO()
        _image(rng.random((64, 64, 4)), mode).save(out, kind)
        return out.getvalue()[: out.tell() * 2 // 3]

    return make


def _says_it_has(width: int, height: int) -> Callable[[np.random.Generator], bytes]:
    """A PNG of a few bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    content = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return lambda rng: content


BROKEN: list[tuple[str, Callable[[np.random.Generator], bytes] | None]] = [
    ("jpg", _cut("JPEG")),
    ("png", _cut("PNG")),
    ("webp", _cut("WEBP")),
    ("avif", _cut("AVIF")),
    ("tif", _cut("TIFF")),
    ("gif", _cut("GIF", "P")),
    ("bmp", _cut("BMP")),
    ("jpg", lambda rng: b""),
    ("jpg", lambda rng: b"This is no photo.\n" * 9),
    ("png", lambda rng: rng.bytes(500)),
    ("avif", lambda rng: b"\0\0\0\x18ftypheic" + bytes(40)),
    ("png", _says_it_has(60000, 60000)),
    ("png", _says_it_has(0, 0)),
    ("jpg", None),  # a link to nowhere
]
