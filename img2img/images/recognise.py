"""Which format a file has, by its first bytes; its name's ending counts for nothing."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from img2img.disk.regular import open_regular
from img2img.images.photo import ImageError

HEAD = 64
"""Bytes that `recognise` looks at."""

FORMATS_READ = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "GIF", "BMP", "PPM")
RAW_SUFFIXES = frozenset(
    (".3fr", ".ari", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".kdc", ".mef", ".mos")
    + (".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f")
)
"""Endings of cameras' raw files, in lower case."""
HEIF_SUFFIXES = frozenset((".heic", ".heif", ".hif"))

_ENDINGS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "AVIF": (".avif",),
    "TIFF": (".tif", ".tiff"),
    "GIF": (".gif",),
    "BMP": (".bmp", ".dib"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
    "HEIF": tuple(sorted(HEIF_SUFFIXES)),
}
_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_RAW_STARTS = (b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FUJIFILMCCD-RAW", b"FOVb", b"\0MRM", b"II\x1a\0\0\0HEAPCCDR")
_AVIF_BRANDS = (b"avif", b"avis")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")


def recognise(start: bytes, name: str) -> str:
    """The format, as Pillow spells it ("HEIF" for HEIC), of a file that starts with these bytes.

    Raises ImageError: empty, a raw file, HEIC where the extra is missing, no picture that is read.
    """
    if not start:
        raise ImageError(f"{name}: the file is empty (0 bytes)")
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    if start[4:8] == b"ftyp":
        return _of_boxes(start, name)
    if start.startswith(_RAW_STARTS) or (start.startswith(_TIFF_STARTS) and start[8:10] == b"CR"):
        raise raw_refused(name)
    if start.startswith(_TIFF_STARTS):
        return "TIFF"
    if start.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if start.startswith(b"BM"):
        return "BMP"
    if start[:1] == b"P" and start[1:2] in b"123456" and start[2:3].isspace():
        return "PPM"
    raise ImageError(
        f"{name}: no picture that can be read; it starts with {start[:12]!r}; allowed: {', '.join(FORMATS_READ)}"
    )


def ending_of(path: Path) -> str:
    """The ending of what a file holds, such as ".png", its name's own where that fits; "" for what is not read."""
    try:
        with open_regular(path) as file:
            kind = recognise(file.read(HEAD), str(path))
    except (OSError, ImageError):
        return ""
    suffix = path.suffix.lower()
    return path.suffix if suffix in _ENDINGS[kind] else _ENDINGS[kind][0]


def raw_refused(name: str) -> ImageError:
    """What is said of a raw file."""
    return ImageError(f"{name}: a camera's raw file is not read; develop it first, to TIFF, PNG or JPEG")


@cache
def reads_heif() -> bool:
    """Whether the extra that reads HEIC is installed."""
    return find_spec("pillow_heif") is not None


def _of_boxes(start: bytes, name: str) -> str:
    brands = start[8 : min(int.from_bytes(start[:4], "big"), len(start))]
    if start[8:11] == b"crx":
        raise raw_refused(name)
    if any(brand in brands for brand in _AVIF_BRANDS):
        return "AVIF"
    if not any(brand in brands for brand in _HEIF_BRANDS):
        raise ImageError(f"{name}: a video is not read; allowed: {', '.join(FORMATS_READ)}")
    if not reads_heif():
        raise ImageError(f"{name}: HEIC is read with an extra that is not installed: pip install 'img2img[heif]'")
    return "HEIF"
