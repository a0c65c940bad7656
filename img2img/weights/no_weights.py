"""What lies where weights should be, as downloads go wrong: a pointer, a page, nothing."""

from __future__ import annotations

from pathlib import Path

from img2img.disk.regular import open_regular

from .errors import WeightsError

_HEAD = 256
_PAGES = (b"<!doctype", b"<html", b"<head", b"<!--", b"<?xml")
_OTHERS = {
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"RIFF": "a picture",
    b"\x1f\x8b": "a gzip archive: unpack it first",
    b"7z\xbc\xaf": "a 7z archive: unpack it first",
    b"Rar!": "a RAR archive: unpack it first",
    b"GGUF": "a GGUF file of a language model",
    b"%PDF": "a PDF",
}


def require_weights(path: Path) -> Path:
    """The path of a file that may be weights. Raises WeightsError, saying what it is instead."""
    try:
        with open_regular(path) as file:
            start = file.read(_HEAD)
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read: {error.strerror or error}") from error
    if found := what_else(start):
        raise WeightsError(f"{path}: holds no weights: {found}")
    return path


def what_else(start: bytes) -> str:
    """What a file that begins so is, and what to do; "" where it may be weights."""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        return "it is empty (0 bytes)"
    if text.startswith(b"version https://git-lfs"):
        return "a Git-LFS pointer in place of the file; `git lfs pull` fetches it"
    if text.lower().startswith(_PAGES):
        return "a web page, as a download link gives it that wants a login or a click; download it in a browser"
    if text.startswith((b'{"', b"{\n", b"{\r", b"{ ", b"{}")):
        return "JSON, as a server answers with in place of a file"
    return next((kind for head, kind in _OTHERS.items() if start.startswith(head)), "")
