"""Writes the page: one HTML file that needs no other, no server and no network."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from img2img.config.base import Refusal, UserError
from img2img.config.printable import printable
from img2img.disk.folders import make_folder
from img2img.images import write_atomically

from .pictures import Comparison, Pair, compared

MOST = 200
"""Photos that are shown; of more only the first, as a page of 100 MB opens nowhere."""
MARK = "<!-- made by img2img: before and after -->"
"""First line of every such page, by which an older one is known."""


@dataclass(frozen=True)
class Shown:
    """One row of a page. before, after: files, None for a photo that failed. told: what became of it, in a line."""

    name: str
    before: Path | None
    after: Path | None
    told: str


def require_own(page: Path) -> None:
    """Raises Refusal where a file of this name is there and none of these pages, or it is no name of one."""
    if page.suffix.lower() not in (".html", ".htm"):
        raise Refusal(f"{page}: ends in {page.suffix or 'nothing'}; allowed: .html")
    try:
        with page.open("rb") as file:
            own = file.read(len(MARK)) == MARK.encode()
    except FileNotFoundError:
        return
    if not own:
        raise Refusal(f"{page} exists already, and is no page of before and after; name another file")


def write_page(page: Path, title: str, rows: Iterable[Shown], max_pixels: int) -> int:
    """Writes the page, photo by photo, so that no more than one is in memory; returns how many are shown.

    A photo that cannot be shown is listed with the reason. Raises Refusal as `require_own`, OSError.
    """
    require_own(page)
    make_folder(page.parent)
    head, tail = _template().split("{{rows}}")
    shown, failed, more = 0, [], 0
    with write_atomically(page) as draft, draft.open("w", encoding="utf-8", errors="replace") as out:
        out.write(f"{MARK}\n{head.replace('{{title}}', html.escape(printable(title)))}")
        for row in rows:
            if row.before is None or row.after is None:
                failed.append(row.told)
            elif shown >= MOST:
                more += 1
            else:
                try:
                    out.write(_row(compared(row.name, row.before, row.after, max_pixels), row.told))
                    shown += 1
                except (UserError, OSError) as error:
                    failed.append(str(error))
        out.write(_notes(failed, more))
        out.write(tail)
    return shown


def _template() -> str:
    return files("img2img.apply.compare").joinpath("page.html").read_text(encoding="utf-8")


def _row(found: Comparison, told: str) -> str:
    name = html.escape(printable(found.name))
    sizes = " → ".join(f"{width} × {height} px" for width, height in (found.before, found.after))
    left, top = found.place
    crop = f"At full size, from {left}, {top}"
    note = html.escape(f"; {printable(told)}" if told else "")
    return (
        f'<article><h2>{name}</h2><p class="quiet">{sizes}{note}</p>'
        f'<div class="pairs">{_slider(found.small, name, "The whole")}{_slider(found.crop, name, crop)}</div>'
        "</article>\n"
    )


def _slider(pair: Pair, name: str, what: str) -> str:
    size = f'width="{pair.width}" height="{pair.height}"'
    return (
        f'<figure><div class="pair" data-width="{pair.width}"><img src="{pair.before}" {size} alt="{name}, before">'
        f'<img class="after" src="{pair.after}" {size} alt="{name}, after"><i></i>'
        f'<input type="range" min="0" max="100" step="0.5" value="50" aria-label="{name}, {what}: before and after">'
        f"</div><figcaption>{what}</figcaption></figure>"
    )


def _notes(failed: list[str], more: int) -> str:
    parts = []
    if more:
        parts.append(f'<p class="quiet">{more} more are not shown.</p>')
    if failed:
        lines = "".join(f"<li>{html.escape(re.sub(r'^failed: ', '', printable(line)))}</li>" for line in failed)
        parts.append(f'<section class="failed"><h2>Failed: {len(failed)}</h2><ul>{lines}</ul></section>')
    return "".join(parts)
