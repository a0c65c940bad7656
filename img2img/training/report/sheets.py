"""Sample sheets: batches side by side, a captioned column each, one row a sample."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from img2img.images.atomic import open_atomically

GAP = 4
"""Between two pictures and around them all, px."""

_PAPER, _INK, _FAINT = (24, 24, 27), (244, 244, 245), (161, 161, 170)
_FORMATS: dict[str, tuple[str, dict[str, int]]] = {
    ".png": ("PNG", {}),
    ".jpg": ("JPEG", {"quality": 92, "subsampling": 0}),
    ".jpeg": ("JPEG", {"quality": 92, "subsampling": 0}),
}


def sheet(
    columns: Sequence[tuple[str, Tensor]], title: str = "", cell: int | None = None, across: int = 1
) -> Image.Image:
    """Batches as a table of pictures, a caption over each column and an optional title over all.

    A picture keeps its aspect: its longer side becomes `cell`, and where columns differ in aspect it is centred.

    columns: captions and batches (N, C, H, W) in [-1, 1], C 1 or 3, all with the same N; H and W may differ.
    cell: longer side of a picture, px [default: that of the largest, between 128 and 512; half of it where several
    stand across]. across: samples side by side, captioned once; one row then holds so many.
    Returns an RGB picture.
    Raises ValueError for no columns, a batch of another shape, or batches of different lengths.
    """
    _check(columns)
    cell = cell or _default_cell(columns) // (2 if across > 1 else 1)
    sizes = [_fitted(batch, cell) for _, batch in columns]
    wide, high = max(w for w, _ in sizes), max(h for _, h in sizes)
    letters = max(12, cell // 11)
    font = ImageFont.load_default(size=letters)
    line = letters * 5 // 4 + GAP
    top = GAP + line * (2 if title else 1)
    rows = -(-columns[0][1].shape[0] // across)

    paper = Image.new("RGB", (GAP + across * len(columns) * (wide + GAP), top + rows * (high + GAP)), _PAPER)
    pen = ImageDraw.Draw(paper)
    if title:
        pen.text((GAP, GAP), _shortened(title, font, paper.width - 2 * GAP), fill=_FAINT, font=font)
    for index, ((caption, batch), size) in enumerate(zip(columns, sizes, strict=True)):
        middle = GAP + index * (wide + GAP) + wide / 2
        pen.text((middle, top - line), _shortened(caption, font, wide), fill=_INK, font=font, anchor="ma")
        for number, picture in enumerate(_pictures(batch)):
            row, block = divmod(number, across)
            left = GAP + (block * len(columns) + index) * (wide + GAP)
            corner = (left + (wide - size[0]) // 2, top + row * (high + GAP) + (high - size[1]) // 2)
            paper.paste(_resized(picture, size), corner)
    return paper


def save_sheet(image: Image.Image, path: Path) -> None:
    """Write a sheet in one go, as PNG or as JPEG of quality 92, by the path's suffix; its folder is made if missing.

    Raises ValueError for another suffix, OSError where the file cannot be written.
    """
    if path.suffix.lower() not in _FORMATS:
        raise ValueError(f"{path}: a sheet is a .png, .jpg or .jpeg file, not {path.suffix or 'one without suffix'}")
    kind, options = _FORMATS[path.suffix.lower()]
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_atomically(path) as draft:
        image.save(draft.stream, format=kind, **options)


def _check(columns: Sequence[tuple[str, Tensor]]) -> None:
    if not columns:
        raise ValueError("a sheet needs at least one column")
    for caption, batch in columns:
        if batch.dim() != 4 or batch.shape[1] not in (1, 3) or 0 in batch.shape:
            raise ValueError(f"column {caption!r} is {tuple(batch.shape)}; a sheet takes (N, 1 or 3, H, W)")
    lengths = {caption: batch.shape[0] for caption, batch in columns}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns of different lengths: {lengths}; one row is one sample")


def _default_cell(columns: Sequence[tuple[str, Tensor]]) -> int:
    """The longest side, doubled until a caption has room over it."""
    side = max(max(batch.shape[2:]) for _, batch in columns)
    while side < 128:
        side *= 2
    return min(side, 512)


def _fitted(batch: Tensor, cell: int) -> tuple[int, int]:
    """Width and height with the longer side `cell`, px."""
    height, width = batch.shape[2:]
    longest = max(height, width)
    return max(1, round(width * cell / longest)), max(1, round(height * cell / longest))


def _pictures(batch: Tensor) -> list[Image.Image]:
    """A batch (N, C, H, W) in [-1, 1] as RGB pictures; what is beyond is clipped, NaN becomes black."""
    levels = torch.nan_to_num(batch.detach().float(), nan=-1.0).clamp(-1, 1).add(1).mul(127.5).round()
    pixels = levels.expand(-1, 3, -1, -1).permute(0, 2, 3, 1).to("cpu", torch.uint8).contiguous().numpy()
    return [Image.fromarray(picture) for picture in pixels]


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Whole multiples repeat pixels, so that small pictures show what they are; all else is interpolated."""
    whole = size[0] % picture.width == 0 and size[1] % picture.height == 0
    return picture.resize(size, Image.Resampling.NEAREST if whole else Image.Resampling.LANCZOS)


def _shortened(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """The text in glyphs that the font has, cut with an ellipsis where it is wider than `width` px."""
    text = _in_ascii(text)
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _in_ascii(text: str) -> str:
    """Pillow's own font has ASCII and little else: arrows become », accents fall, the rest becomes a question mark."""
    text = text.translate({ord(a): b for a, b in zip("→←×′–—", "»«x'--", strict=True)})
    letters = [c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)]
    return "".join(c if c.isascii() or c in "»«·…" else "?" for c in letters)
