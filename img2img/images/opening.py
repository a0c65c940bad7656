"""Open a picture far enough to know what it is, and turn whatever goes wrong into one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
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

from img2img.images.formats.png_chunks import PngChunks, is_heavy, read_chunks, without_texts
from img2img.images.formats.tiff_folders import BITS, SAMPLE_FORMAT, Folder, check_tiles, read_folders
from img2img.images.photo import ImageError
from img2img.images.recognise import HEAD, RAW_SUFFIXES, raw_refused, recognise
from img2img.images.sources import Source, length_of, name_of, seekable

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
_BYTES = {"1": 1, "L": 1, "P": 1, "LA": 2, "PA": 2, "La": 2, "RGB": 3}
_SAMPLES = {2: "signed", 3: "float", 5: "complex", 6: "complex float"}
_MUCH = 1 << 29  # bytes of samples
_MOST_A_PIXEL = 8
_LARGEST_RATIO = 400  # of the samples' bytes to the file's, where they are many; deflate reaches 1032


class TooManyPixels(ImageError):
    """A picture that is larger than was allowed."""


@dataclass(frozen=True)
class OpenPicture:
    """A picture whose header is read and whose pixels are not; usable inside `opened` only.

    page, pages: the photo's number among a TIFF's pages, and how many these are. folder: that page's directory.
    chunks: what a PNG says. note: what of the file is not read.
    """

    image: ImageFile.ImageFile
    handle: BinaryIO
    name: str
    format: str
    page: int = 0
    pages: int = 1
    folder: Folder | None = None
    chunks: PngChunks | None = None
    note: str = ""

    def again(self) -> ImageFile.ImageFile:
        """The same file opened a second time, header only."""
        self.handle.seek(0)
        image = _reader_of(self.format)(self.handle, "")
        if self.page:
            image.seek(self.page)
        image.info.pop("xmp", None)
        return image


@contextmanager
def opened(source: Source, max_pixels: int, thorough: bool = True) -> Iterator[OpenPicture]:
    """Open a file, bytes or a stream; whatever is raised inside the block becomes an ImageError of one line.

    thorough: a PNG's checksums are checked, for which the file is read once.
    Raises ImageError: missing, empty, no regular file, no picture, a raw file, damaged, more than `max_pixels` or more
    memory than a file of its length stands for (from the header, nothing decoded).
    """
    name = name_of(source)
    kind = ""
    try:
        with seekable(source, max_pixels) as handle:
            start = handle.read(HEAD)
            kind = recognise(start, name)
            if kind == "WEBP" and (size := _webp_size(start)):
                _check_size(size, max_pixels, name)
            handle.seek(0)
            picture = _open(handle, name, kind, thorough)
            try:
                _check_size(picture.image.size, max_pixels, name)
                _check_bytes(picture, length_of(handle))
                yield picture
            finally:
                picture.image.close()
    except ImageError:
        raise
    except Exception as cause:
        raise ImageError(f"{name}: {_explain(cause, kind)}") from cause


def _open(handle: BinaryIO, name: str, kind: str, thorough: bool) -> OpenPicture:
    if kind == "PNG":
        chunks = read_chunks(handle, thorough)
        shown = without_texts(handle) if is_heavy(chunks) else handle
        shown.seek(0)
        return OpenPicture(READERS[kind](shown, ""), shown, name, kind, chunks=chunks, note=_skipped(chunks))
    if kind == "TIFF":
        return _open_tiff(handle, name)
    return OpenPicture(_reader_of(kind)(handle, ""), handle, name, kind)


def _open_tiff(handle: BinaryIO, name: str) -> OpenPicture:
    found = read_folders(handle)
    if found.is_raw or PurePath(name).suffix.lower() in RAW_SUFFIXES:
        raise raw_refused(name)
    page = found.photo
    if page is None:
        raise ImageError(f"{name}: its pages are thumbnails of a picture in a sub-directory, which is not read")
    folder = found.pages[page] if found.pages else {}
    if kind := _SAMPLES.get(max(folder.get(SAMPLE_FORMAT, (1,)))):
        bits = max(folder.get(BITS, (1,)))
        raise ImageError(
            f"{name}: {bits}-bit {kind} TIFF is not read, as it does not say which value is white; "
            "allowed: unsigned 8- or 16-bit grey or RGB"
        )
    check_tiles(folder)
    handle.seek(0)
    image = READERS["TIFF"](handle, "")
    if page:
        image.seek(page)
    image.info.pop("xmp", None)  # Pillow would turn the picture by it, against the TIFF's own tag
    note = f"page {page + 1} of {len(found.pages)}, as those before it are thumbnails" if page else ""
    return OpenPicture(image, handle, name, "TIFF", page=page, pages=len(found.pages), folder=folder, note=note)


def _reader_of(kind: str) -> type[ImageFile.ImageFile]:
    if kind != "HEIF":
        return READERS[kind]
    from pillow_heif import HeifImageFile  # an extra; `recognise` has made sure of it

    return HeifImageFile


def _skipped(chunks: PngChunks) -> str:
    return f"too long and left out: {', '.join(chunks.skipped)}" if chunks.skipped else ""


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
        raise TooManyPixels(
            f"{name}: {width} x {height} = {width * height} pixels, more than --max-pixels {max_pixels} allows"
        )


def _check_bytes(picture: OpenPicture, length: int) -> None:
    """Refuse a small file that would take the machine: what is compressed so much is one colour, or a bomb."""
    width, height = picture.image.size
    if width * height * _MOST_A_PIXEL <= _MUCH:
        return
    wanted = width * height * _bytes_a_pixel(picture)
    if wanted > max(_MUCH, _LARGEST_RATIO * length):
        raise ImageError(
            f"{picture.name}: {width} x {height} px take {wanted / 2**30:.1f} GiB, and the file has {length} bytes; "
            f"allowed above 0.5 GiB: {_LARGEST_RATIO} times the file's length"
        )


def _bytes_a_pixel(picture: OpenPicture) -> int:
    """Of the decoded samples."""
    mode = picture.image.mode
    if mode.startswith("I"):
        return 2
    deep = max(picture.folder.get(BITS, (8,))) > 8 if picture.folder else ";16" in str(picture.image.tile[:1])
    return _BYTES.get(mode, 4) * (2 if deep else 1)


def _explain(cause: Exception, kind: str) -> str:
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    text = " ".join(str(cause).split()) or type(cause).__name__
    if isinstance(cause, MemoryError):
        return "not enough memory to read it"
    return f"damaged or unusual {kind} file ({text})" if kind else text
