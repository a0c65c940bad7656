"""The data check: every picture is opened before the first step, and everything odd is named."""

from __future__ import annotations

import hashlib
import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from img2img.config.sections.data import ImageData, PairedData
from img2img.images import ImageError, ImageFacts, probe, verify
from img2img.images.listing import look_into

from .find import Domains, Pairs, Picture
from .side_by_side import why_no_pairs
from .summary import DataSummary, SideSummary, Size

ASPECT_TOLERANCE = 0.01
"""Two sides of a pair whose aspects differ by more than this share show different crops of the scene."""


def check(
    found: Domains, options: ImageData, decode: bool = True, tick: Callable[[int, int], None] | None = None
) -> DataSummary:
    """Open every picture, count what there is, and say what is wrong.

    decode: decode every picture to its end, in threads, so that truncated files are found; else read headers only.
    tick: called with (pictures done, pictures in all).
    Returns: the summary; `raise_for_errors` turns its errors into a DataError.
    """
    facts, unreadable = _open_all(_files(found), decode, tick)
    sides = {side: _side(found, side, facts, options) for side in found.train}
    no_pairs = _no_pairs(found, options, facts) if decode else []  # a run that goes on has been through it
    shapes = no_pairs or _shape_errors(found, facts)
    errors = [*unreadable, *shapes, *_alone(found), *_too_few(found, facts)]
    left_out = [line for folder in found.folders for line in look_into(folder).in_lines()]
    warnings = [*left_out, *_small(sides, options), *_duplicates(found)]
    if isinstance(found, Pairs):
        (warnings if options.fit == "stretch" else errors).extend(_aspect_mismatches(found, facts))
        warnings.extend(_size_mismatches(found, facts))
    readable = {side: summary for side, summary in sides.items() if summary is not None}
    return DataSummary(found.layout, options.size, readable, tuple(warnings), tuple(errors), facts)


def picture_size(picture: Picture, facts: ImageFacts) -> Size:
    """Width and height of a picture, px: of its half, where it is one."""
    return (facts.width if picture.part == "whole" else facts.width // 2), facts.height


def _pictures(found: Domains) -> list[Picture]:
    return [picture for files in (found.train, found.val) for side in files.values() for picture in side]


def _files(found: Domains) -> list[Path]:
    return list(dict.fromkeys(picture.path for picture in _pictures(found)))


def _open_all(
    files: Sequence[Path], decode: bool, tick: Callable[[int, int], None] | None
) -> tuple[dict[Path, ImageFacts], list[str]]:
    """Headers of the readable files, and a line for each of the others."""
    facts: dict[Path, ImageFacts] = {}
    unreadable = []
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:  # decoders release the interpreter lock
        for done, (file, outcome) in enumerate(zip(files, pool.map(partial(_open, decode=decode), files), strict=True)):
            if isinstance(outcome, ImageFacts):
                facts[file] = outcome
            else:
                unreadable.append(outcome)
            if tick is not None:
                tick(done + 1, len(files))
    return facts, unreadable


def _open(file: Path, decode: bool) -> ImageFacts | str:
    try:
        facts = probe(file)
        if decode:
            verify(file)
    except ImageError as error:
        return str(error)
    return facts


def _side(found: Domains, side: str, facts: dict[Path, ImageFacts], options: ImageData) -> SideSummary | None:
    """The numbers of one side; None where none of its pictures can be read."""
    train, val = _readable(found.train[side], facts), _readable(found.val[side], facts)
    pictures = [*train, *val]
    if not pictures:
        return None
    headers = [facts[picture.path] for picture in pictures]
    sizes = sorted((picture_size(picture, facts[picture.path]) for picture in pictures), key=math.prod)
    grey = all(header.channels == 1 for header in headers)
    return SideSummary(
        name=found.names[side],
        train=len(train),
        val=len(val),
        channels=3 if options.channels == "3" or (options.channels == "auto" and not grey) else 1,
        smallest=sizes[0],
        median=sizes[len(sizes) // 2],
        largest=sizes[-1],
        modes=dict(Counter(header.mode for header in headers)),
        deep=sum(header.bits > 8 for header in headers),
        alpha=sum(header.alpha for header in headers),
        small=sum(width < options.shape[1] or height < options.shape[0] for width, height in sizes),
    )


def _readable(pictures: Iterable[Picture], facts: dict[Path, ImageFacts]) -> list[Picture]:
    return [picture for picture in pictures if picture.path in facts]


def _shape_errors(found: Domains, facts: dict[Path, ImageFacts]) -> list[str]:
    lines = []
    halves = {picture.path for picture in _pictures(found) if picture.part != "whole"}
    for file, header in facts.items():
        size = f"{header.width}x{header.height}"
        if file in halves and header.width % 2:
            lines.append(f"{file} is {size}: a side-by-side A|B picture has an even width")
        elif min(header.width // (2 if file in halves else 1), header.height) < 2:
            lines.append(f"{file} is {size}: a picture to train on has at least 2x2 pixels")
    return lines


def _alone(found: Domains) -> list[str]:
    if not isinstance(found, Pairs) or not found.alone:
        return []
    what = "files without a partner of the same name in the other folder"
    return [f"{what}: {len(found.alone)}: {first_of(found.alone)}"]


def _too_few(found: Domains, facts: dict[Path, ImageFacts]) -> list[str]:
    lines = []
    least = 2 if len(found.train) > 1 and not isinstance(found, Pairs) else 1
    for side, pictures in found.train.items():
        count = len(_readable(pictures, facts))
        if count < least:
            name = found.names[side]
            lines.append(f"{name}: readable pictures to train on: {count} of {len(pictures)}, at least {least} needed")
    return lines


def _small(sides: dict[str, SideSummary | None], options: ImageData) -> list[str]:
    lines = []
    for side in sides.values():
        if side is None:
            continue
        if side.train == 1:
            lines.append(f"{side.name}: a single picture to train on; it will be learnt by heart")
        if side.small:
            lines.append(f"{side.name}: pictures smaller than {options.size} px, to be enlarged: {side.small}")
    return lines


def _no_pairs(found: Domains, options: ImageData, facts: dict[Path, ImageFacts]) -> list[str]:
    """Side-by-side pairs that plainly are none."""
    lefts = [picture.path for side in found.train.values() for picture in side if picture.part == "left"]
    if not lefts or (isinstance(options, PairedData) and options.side_by_side):
        return []
    reason = why_no_pairs(lefts, facts)
    return [f"{', '.join(map(str, found.folders))}: {reason}"] if reason else []


def _aspect_mismatches(found: Pairs, facts: dict[Path, ImageFacts]) -> list[str]:
    differing = [
        f"{a.path} {size_a[0]}x{size_a[1]} and {b.path} {size_b[0]}x{size_b[1]}"
        for a, b, size_a, size_b in _sized_pairs(found, facts)
        if not same_aspect(size_a, size_b)
    ]
    if not differing:
        return []
    return [f"pairs whose sides differ in shape (--fit stretch bends them): {len(differing)}: {first_of(differing, 3)}"]


def _size_mismatches(found: Pairs, facts: dict[Path, ImageFacts]) -> list[str]:
    pairs = _sized_pairs(found, facts)
    count = sum(size_a != size_b and same_aspect(size_a, size_b) for _, _, size_a, size_b in pairs)
    return [f"pairs whose sides differ in size, to be resized to the same: {count}"] if count else []


def same_aspect(one: Size, other: Size) -> bool:
    """Whether two sizes have the same shape, within a hundredth."""
    return abs(one[0] * other[1] / (one[1] * other[0]) - 1) <= ASPECT_TOLERANCE


def _sized_pairs(found: Pairs, facts: dict[Path, ImageFacts]) -> list[tuple[Picture, Picture, Size, Size]]:
    rows = [*zip(found.train["a"], found.train["b"], strict=True), *zip(found.val["a"], found.val["b"], strict=True)]
    return [
        (a, b, picture_size(a, facts[a.path]), picture_size(b, facts[b.path]))
        for a, b in rows
        if a.path in facts and b.path in facts
    ]


def _duplicates(found: Domains) -> list[str]:
    """Files with the same bytes in training and validation, which make validation look better than it is."""
    lines = []
    for side, pictures in found.train.items():
        if any(picture.part == "right" for picture in pictures):
            continue  # the file is counted with its left half
        same = _same_bytes([p.path for p in pictures], [p.path for p in found.val[side]])
        if same:
            named = first_of([f"{file} = {other}" for file, other in same], 3)
            lines.append(f"{found.names[side]}: pictures both in training and in validation: {len(same)}: {named}")
    return lines


def _same_bytes(train: Sequence[Path], val: Sequence[Path]) -> list[tuple[Path, Path]]:
    lengths = {file.stat().st_size for file in train} & {file.stat().st_size for file in val}
    held_out = {_digest(file): file for file in val if file.stat().st_size in lengths}
    suspects = [(file, _digest(file)) for file in train if file.stat().st_size in lengths]
    return [(file, held_out[digest]) for file, digest in suspects if digest in held_out]


def _digest(file: Path) -> bytes:
    return hashlib.sha256(file.read_bytes()).digest()


def first_of(items: Sequence[object], limit: int = 10) -> str:
    """The first few, then how many more."""
    listed = ", ".join(str(item) for item in items[:limit])
    return listed if len(items) <= limit else f"{listed} and {len(items) - limit} more"
