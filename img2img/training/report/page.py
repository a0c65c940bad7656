"""The report page: one self-contained `index.html` that shows a run while it goes on and after it."""

from __future__ import annotations

import base64
import html
import io
import json
import math
import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

from PIL import Image

from img2img.disk.regular import open_regular, read_bounded
from img2img.disk.structure import parsed
from img2img.images.atomic import write_atomically
from img2img.training.folder.logs import LOG, read_log

POINTS = 1500
"""Most points of a curve on the page."""
SHEETS = 24
"""Most sample sheets on the page."""
SHEET_BYTES = 8 * 2**20
"""Most that all sheets together take, bytes; a third more as base64, which leaves the page under 12 MB."""

LARGEST = 2**20
"""Of a config or a summary, bytes."""

# Largest width px (height: twice that) and JPEG quality, tried in turn until a sheet fits its share of SHEET_BYTES.
_SQUEEZES = ((1600, 88), (1600, 75), (1200, 75), (900, 70), (600, 60), (400, 60))

# Facts that the head of the page tells from the log, which is newer.
_IN_THE_HEAD = {"recipe", "step", "total", "images_per_second", "eta_seconds"}


def write_report(folder: Path) -> Path:
    """Make `index.html` in a run's folder from what lies there, replacing an older one in one go.

    Reads `config.toml` (its `recipe` and `[run] steps` if there), `log.jsonl`, `samples/<step>.png|jpg`, and
    `summary.json`, flat facts of which `recipe` and `total` (steps) stand in where the config does not tell. Each of
    them may be missing. JPEG sheets within the limits are taken as they are, PNG sheets are compressed
    anew at each call.

    Returns the page's path. Raises ValueError naming the file that cannot be read, OSError where the page cannot be
    written.
    """
    config_text, config = read_config(folder / "config.toml")
    summary = read_summary(folder / "summary.json")
    log = read_log(folder / LOG)
    asked = _table(config, "run").get("steps") or summary.get("total")
    total = asked if isinstance(asked, int) and 0 < asked < 2**53 else None
    recipe = config.get("recipe") or summary.get("recipe") or ""
    shown = chosen_sheets(folder / "samples", SHEETS)
    run = {
        "name": folder.resolve().name,
        "recipe": str(recipe),
        "state": _state(log, total),
        "updated": (folder / LOG).stat().st_mtime if log else None,
        "curves": curves(log),
        "sheets": [embedded(step, path, SHEET_BYTES // len(shown)) for step, path in shown],
        "facts": {name: _plain(value) for name, value in summary.items() if name not in _IN_THE_HEAD},
        "config": config_text,
    }
    page = filled(files("img2img.training.report").joinpath("page.html").read_text(encoding="utf-8"), run)
    target = folder / "index.html"
    with write_atomically(target) as draft:
        draft.write_text(page, encoding="utf-8", errors="replace")  # a folder's name need not be UTF-8
    return target


def curves(log: Sequence[dict[str, Any]], points: int = POINTS) -> list[dict[str, Any]]:
    """Each number of the log over the steps, thinned to `points` by the means of equal buckets of lines.

    Returns {name, steps, values, lost} for each name in the order of its appearance; `lost` are the steps at which the
    number was not finite, at most 100 of them. The first and the last point are those of the log, unaveraged.
    """
    found: dict[str, list[tuple[int, float]]] = {}
    lost: dict[str, list[int]] = {}
    for line in log:
        for name, value in line.items():
            if name in ("step", "nonfinite"):
                continue
            seen = found.setdefault(name, [])
            if value is None or (isinstance(value, float) and not math.isfinite(value)):
                lost.setdefault(name, []).append(line["step"])
            elif isinstance(value, int | float):
                seen.append((line["step"], value))
    made = []
    for name, series in found.items():
        thin = thinned(series, points)
        steps, values = [round(step) for step, _ in thin], [float(f"{value:.5g}") for _, value in thin]
        made.append({"name": name, "steps": steps, "values": values, "lost": spread(lost.get(name, []), 100)})
    return made


def thinned(series: Sequence[tuple[float, float]], points: int) -> list[tuple[float, float]]:
    """The first and last point as they are, and means of `points - 2` equal buckets between; short ones unchanged."""
    if len(series) <= points:
        return list(series)
    inner, buckets = series[1:-1], points - 2
    edges = [len(inner) * index // buckets for index in range(buckets + 1)]
    means = []
    for start, end in pairwise(edges):
        bucket = inner[start:end]
        means.append((math.fsum(x for x, _ in bucket) / len(bucket), math.fsum(y for _, y in bucket) / len(bucket)))
    return [series[0], *means, series[-1]]


def spread(steps: Sequence[int], most: int) -> list[int]:
    """At most `most` of ascending steps, nearest to evenly spaced ones in time; always the first and the last."""
    if len(steps) <= most:
        return list(steps)
    if most == 1:
        return [steps[-1]]
    first, last = steps[0], steps[-1]
    wanted = [first + (last - first) * index / (most - 1) for index in range(most)]
    return sorted({min(steps, key=lambda step: abs(step - target)) for target in wanted})


def read_config(path: Path) -> tuple[str, dict[str, Any]]:
    """A run's options, as text and as tables; none without the file. Raises ValueError or OSError naming it."""
    if not path.exists():
        return "", {}
    try:
        text = read_bounded(path, LARGEST).decode()
        return text, tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: no TOML: {error}") from error


def _table(config: dict[str, Any], name: str) -> dict[str, Any]:
    table = config.get(name)
    return table if isinstance(table, dict) else {}


def read_summary(path: Path) -> dict[str, Any]:
    """A run's facts; none without the file. Raises ValueError or OSError naming it."""
    if not path.exists():
        return {}
    try:
        summary = parsed(read_bounded(path, LARGEST))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if not isinstance(summary, dict):
        raise ValueError(f"{path}: must be an object of facts, is {type(summary).__name__}")
    return summary


def _plain(value: Any) -> str | int | float | bool | None:
    """A fact as the page shows it: text and finite numbers as they are, all else as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float) else json.dumps(value)


def _state(log: Sequence[dict[str, Any]], total: int | None) -> dict[str, Any]:
    """Where the run is: step, total, speed and seconds left, from the log's last twenty lines."""
    if not log:
        return {"step": 0, "total": total, "images_per_second": None, "seconds_left": None, "skipped": 0}
    last, recent = log[-1], log[-20:]
    pace = None
    # A resumed run may count its seconds anew: only what grows line by line is a speed.
    for old, new in pairwise(recent):
        steps, seconds = new["step"] - old["step"], new.get("seconds", 0) - old.get("seconds", 0)
        if steps > 0 and seconds > 0:
            pace = seconds / steps if pace is None else 0.7 * pace + 0.3 * seconds / steps
    left = max(0, total - last["step"]) * pace if total and pace else None
    return {
        "step": last["step"],
        "total": total,
        "images_per_second": last.get("images_per_second"),
        "seconds_left": left,
        "skipped": last.get("skipped") or 0,
    }


def chosen_sheets(folder: Path, most: int) -> list[tuple[int, Path]]:
    """The sheets that go onto a page, step and file: at most `most` of those in a run's samples/, evenly spread."""
    sheets = {
        int(path.stem): path
        for path in sorted(folder.glob("*"))
        if path.suffix.lower() in (".png", ".jpg", ".jpeg") and re.fullmatch(r"[0-9]+", path.stem)
    }
    return [(step, sheets[step]) for step in spread(sorted(sheets), most)]


def embedded(step: int, path: Path, share: int) -> dict[str, Any]:
    """A sheet as a JPEG data URI of at most `share` bytes if any squeeze gets there, and its size in px.

    Raises ValueError naming the file that is no readable picture.
    """
    try:
        with open_regular(path) as file, Image.open(file) as picture:
            if picture.format == "JPEG" and picture.width <= _SQUEEZES[0][0] and path.stat().st_size <= share:
                size, data = picture.size, path.read_bytes()
            else:
                size, data = _squeezed(picture.convert("RGB"), share)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path}: no readable picture: {error}") from error
    uri = "data:image/jpeg;base64," + base64.b64encode(data).decode()
    place = f"{path.parent.name}/{path.name}"  # beside the page; the page alone shows the sheet all the same
    return {"step": step, "width": size[0], "height": size[1], "src": uri, "file": place}


def _squeezed(picture: Image.Image, share: int) -> tuple[tuple[int, int], bytes]:
    for widest, quality in _SQUEEZES:
        picture.thumbnail((widest, 2 * widest), Image.Resampling.LANCZOS)
        data = io.BytesIO()
        picture.save(data, format="JPEG", quality=quality)
        if data.tell() <= share:
            break
    return picture.size, data.getvalue()


def filled(template: str, run: dict[str, Any]) -> str:
    """The template with its two holes filled. In JSON no < or & stays, so nothing in it can end the script element."""
    data = json.dumps(run, allow_nan=False, separators=(",", ":"))
    for letter in "<>&":
        data = data.replace(letter, f"\\u{ord(letter):04x}")
    holes = {"title": html.escape(" · ".join(filter(None, [run["name"], run["recipe"]]))), "run": data}
    return re.sub(r"\{\{(\w+)\}\}", lambda hole: holes[hole[1]], template)
