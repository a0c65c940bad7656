"""Which file has which file's name: the ending apart, and however its letters are composed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath

from img2img.images.photo import ImageError


def same_form(text: str) -> str:
    """A name in Unicode's composed form (NFC), which macOS decomposes (NFD) and others leave as it is typed."""
    return unicodedata.normalize("NFC", text)


def name_below(below: PurePath) -> Path:
    """A path below a folder as names are compared: without its ending, in one Unicode form."""
    return Path(same_form(str(below.with_suffix(""))))


def by_name(folder: Path, files: Iterable[Path]) -> dict[Path, Path]:
    """Files below a folder by their `name_below` there, in their order: {a/1: FOLDER/a/1.png}.

    Raises ImageError, naming both, for two files of one name.
    """
    found: dict[Path, Path] = {}
    for path in files:
        name = name_below(path.relative_to(folder))
        if name in found:
            raise ImageError(f"{found[name]} and {path} have the same name: which one is meant?")
        found[name] = path
    return found


def partners(wanted: Iterable[Path], names: Mapping[Path, Path]) -> dict[Path, Path]:
    """{name: the file of that name}, for those of the names wanted that have one.

    IMG_1 and img_1 are one name where nothing else is called so on either side.
    """
    asked = dict.fromkeys(wanted)
    exact = {name: names[name] for name in asked if name in names}
    rest = [name for name in asked if name not in exact]
    if not rest:
        return exact
    spare = _alike(name for name in names if name not in exact)
    loose = {
        alike[0]: names[spare[key][0]]
        for key, alike in _alike(rest).items()
        if len(alike) == 1 and len(spare.get(key, ())) == 1
    }
    return exact | loose


def _alike(names: Iterable[Path]) -> dict[str, list[Path]]:
    """Names by what they are in small letters."""
    found: dict[str, list[Path]] = {}
    for name in names:
        found.setdefault(same_form(str(name).casefold()), []).append(name)
    return found
