"""Open a picture far enough to know what it is, and turn whatever goes wrong into one line."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from img2img.images.photo import ImageError

Source = Path | str | bytes | BinaryIO

# Pillow's classes are called directly, not through Image.open: its size limit is a global that cannot be moved for
# one call without moving it for every thread, and it would take a phone's JPEG for a multi-picture file.
READERS: dict[str, type[ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "PPM": PpmImagePlugin.PpmImageFile,
}
_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


@dataclass(frozen=True)
class OpenPicture:
    """A picture whose header is read and whose pixels are not; usable inside `opened` only."""

    image: ImageFile.ImageFile
    handle: BinaryIO
    name: str
    format: str

    def again(self) -> ImageFile.ImageFile:
        """The same file opened a second time, header only."""
        self.handle.seek(0)
        return READERS[self.format](self.handle, "")


@contextmanager
def opened(source: Source, max_pixels: int) -> Iterator[OpenPicture]:
    """Open a file, bytes or a stream; whatever is raised inside the block becomes an ImageError of one line.

    Raises ImageError: missing, empty, no picture, damaged, more than `max_pixels` (from the header, nothing decoded).
    """
    name = name_of(source)
    kind = ""
    try:
        with _handle(source) as handle:
            start = handle.read(64)
            kind = _recognise(start, name)
            if kind == "WEBP" and (size := _webp_size(start)):
                _check_size(size, max_pixels, name)
            handle.seek(0)
            image = READERS[kind](handle, "")
            try:
                _check_size(image.size, max_pixels, name)
                yield OpenPicture(image, handle, name, kind)
            finally:
                image.close()
    except ImageError:
        raise
    except Exception as cause:
        raise ImageError(f"{name}: {_explain(cause, kind)}") from cause


def name_of(source: Source) -> str:
    """What error messages call the source."""
    if isinstance(source, Path | str):
        return str(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return "<bytes>"
    return str(getattr(source, "name", "<stream>"))


def _handle(source: Source) -> BinaryIO:
    if isinstance(source, bytes | bytearray | memoryview):
        return io.BytesIO(source)
    if not isinstance(source, Path | str):
        return io.BytesIO(source.read())
    handle = open(source, "rb")  # noqa: SIM115 - `opened` closes it
    if handle.seekable():
        return handle
    with handle:  # a pipe given by its path
        return io.BytesIO(handle.read())


def _recognise(start: bytes, name: str) -> str:
    if not start:
        raise ImageError(f"{name}: the file is empty (0 bytes)")
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    if start[4:8] == b"ftyp":
        if any(brand in start[8 : start[3]] for brand in (b"avif", b"avis")):
            return "AVIF"
        raise ImageError(f"{name}: HEIC/HEIF or a video is not read; save it as JPEG, PNG or AVIF first")
    if start.startswith(_TIFF_STARTS):
        return "TIFF"
    if start.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if start.startswith(b"BM"):
        return "BMP"
    if start[:1] == b"P" and start[1:2] in b"123456" and start[2:3].isspace():
        return "PPM"
    raise ImageError(
        f"{name}: no picture that can be read; it starts with {start[:12]!r}; allowed: {', '.join(READERS)}"
    )


def _webp_size(start: bytes) -> tuple[int, int] | None:
    # Pillow's WebP reader allocates the canvas when it opens the file, so its size is read before.
    chunk = start[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(start[24:27], "little"), 1 + int.from_bytes(start[27:30], "little")
    if chunk == b"VP8L":
        packed = int.from_bytes(start[21:25], "little")
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    if chunk == b"VP8 ":
        return int.from_bytes(start[26:28], "little") & 0x3FFF, int.from_bytes(start[28:30], "little") & 0x3FFF
    return None


def _check_size(size: tuple[int, int], max_pixels: int, name: str) -> None:
    width, height = size
    if width * height > max_pixels:
        raise ImageError(
            f"{name}: {width} x {height} = {width * height} pixels, more than --max-pixels {max_pixels} allows"
        )


def _explain(cause: Exception, kind: str) -> str:
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    text = " ".join(str(cause).split()) or type(cause).__name__
    if isinstance(cause, MemoryError):
        return "not enough memory to read it"
    return f"damaged or unusual {kind} file ({text})" if kind else text
