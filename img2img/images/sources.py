"""Where a picture's bytes come from: a file, bytes, a stream; nothing that has no end is read to its end."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

from img2img.disk.regular import open_regular
from img2img.images.photo import ImageError
from img2img.images.recognise import HEAD, recognise

Source = Path | str | bytes | BinaryIO

_SMALL = 1 << 20  # bytes: read at once, as Pillow's many small reads from memory are quicker
_BYTES_A_PIXEL = 8  # RGBA of 16 bits
_BESIDE = 1 << 26  # bytes of metadata, or of whatever else a file holds


def name_of(source: Source) -> str:
    """What error messages call the source."""
    if isinstance(source, Path | str):
        return str(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return "<bytes>"
    return str(getattr(source, "name", "<stream>"))


def seekable(source: Source, max_pixels: int) -> BinaryIO:
    """The source as a file that can be sought in, at its start; to be closed.

    A pipe is read where its own process has it open (/dev/stdin, /dev/fd/63), which shells make of `<(...)`; any other
    may wait for ever, and is refused, as are sockets and devices.
    Raises OSError; ImageError for a stream that is no picture, or longer than one of `max_pixels` can be.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return io.BytesIO(source)
    if isinstance(source, io.BytesIO) and not source.tell():
        return io.BytesIO(source.getvalue())  # shares the bytes
    if not isinstance(source, Path | str):
        return _whole(source, max_pixels, name_of(source))
    if _is_own_pipe(source):
        with open(source, "rb") as pipe:
            return _whole(pipe, max_pixels, str(source))
    file = open_regular(source)
    length = os.fstat(file.fileno()).st_size
    if length > _SMALL:
        return file
    with file:
        return io.BytesIO(file.read(length))


def length_of(handle: BinaryIO) -> int:
    """Bytes of an open file; its place is kept."""
    place = handle.tell()
    length = handle.seek(0, os.SEEK_END)
    handle.seek(place)
    return length


def _is_own_pipe(path: Path | str) -> bool:
    if not str(path).startswith(("/dev/fd/", "/dev/stdin", "/proc/self/fd/")):
        return False
    return stat.S_ISFIFO(os.stat(path).st_mode)


def _whole(stream: BinaryIO, max_pixels: int, name: str) -> BinaryIO:
    """All of a stream in memory; its first bytes have to be a picture's before more is read."""
    most = _BYTES_A_PIXEL * max_pixels + _BESIDE
    start = _read(stream, HEAD)
    recognise(start, name)
    rest = _read(stream, most)
    if len(rest) == most:
        raise ImageError(f"{name}: more than {most} bytes, more than a picture of --max-pixels {max_pixels} takes")
    return io.BytesIO(start + rest)


def _read(stream: BinaryIO, count: int) -> bytes:
    """So many bytes or all there are: a pipe gives what it has."""
    parts, left = [], count
    while left and (part := stream.read(min(left, _SMALL))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
