"""One self-contained page that sets several runs beside each other: curves, sheets, and the options that differ."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from img2img.config.base import Refusal
from img2img.images.atomic import write_atomically
from img2img.training.folder.logs import LOG, read_what_can_be

from .page import SHEET_BYTES, chosen_sheets, curves, embedded, filled, read_config, read_summary

POINTS = 400
"""Most points of a curve on the page: of a screen's width, and of up to 64 runs with thirty curves each."""


def write_comparison(folders: Sequence[Path], target: Path, sheets: int) -> tuple[Path, list[str]]:
    """Writes the page of these runs' folders to `target`, replacing an older one in one go.

    sheets: most sample sheets of each run. What cannot be read of a run, lines of its log, its options, a sheet, is
    left out, and told on the page. Returns the page's path, and a line for each folder that is no run's. Raises Refusal
    where none is, or the page cannot be written.
    """
    found = [folder for folder in dict.fromkeys(folders) if _is_run(folder)]
    left_out = [f"{folder}: no run's folder, left out" for folder in dict.fromkeys(folders) if folder not in found]
    if not found:
        raise Refusal(f"{', '.join(map(str, folders[:3]))}: no run's folder, which has a {LOG} or a config.toml")
    chosen = [_chosen(folder, sheets) for folder in found]
    share = SHEET_BYTES // max(1, sum(map(len, chosen)))
    runs = [_run(folder, shown, share) for folder, shown in zip(found, chosen, strict=True)]
    names = _apart([folder.resolve() for folder in found])
    for run, name in zip(runs, names, strict=True):
        run["name"] = name
    told = {"name": f"{len(runs)} runs", "recipe": "", "runs": runs, "options": _differing(runs)}
    for run in runs:
        del run["config"]
    page = filled(files("img2img.training.report").joinpath("compare.html").read_text(encoding="utf-8"), told)
    try:
        with write_atomically(target) as draft:
            draft.write_text(page, encoding="utf-8", errors="replace")
    except OSError as error:
        raise Refusal(f"{target}: the page cannot be written ({error.strerror or error})") from error
    return target, left_out


def _is_run(folder: Path) -> bool:
    return (folder / LOG).is_file() or (folder / "config.toml").is_file()


def _chosen(folder: Path, most: int) -> list[tuple[int, Path]]:
    return chosen_sheets(folder / "samples", most) if most else []


def _run(folder: Path, shown: Sequence[tuple[int, Path]], share: int) -> dict[str, Any]:
    """What the page is told of one run; `notes` say what could not be read."""
    notes: list[str] = []
    config: dict[str, Any] = {}
    summary: dict[str, Any] = {}
    pictures = []
    try:
        config = read_config(folder / "config.toml")[1]
    except (ValueError, OSError) as error:
        notes.append(_short(error))
    try:
        summary = read_summary(folder / "summary.json")
    except (ValueError, OSError) as error:
        notes.append(_short(error))
    for step, path in shown:
        try:
            pictures.append(embedded(step, path, share))
        except ValueError as error:
            notes.append(_short(error))
    log, lost = read_what_can_be(folder / LOG)
    if lost:
        notes.append(f"{LOG}: {lost} damaged line{'s' if lost > 1 else ''} left out")
    # A log that was damaged or put together by hand may go backwards, which no curve does.
    steps = sorted(log, key=lambda line: line.get("step", 0))
    return {
        "recipe": str(config.get("recipe") or summary.get("recipe") or ""),
        "game": str(summary.get("game") or ""),
        "best": str(summary.get("best") or ""),
        "step": steps[-1].get("step", 0) if steps else 0,
        "curves": curves([{"step": 0} | line for line in steps], POINTS),
        "sheets": pictures,
        "notes": notes,
        "config": config,
    }


def _differing(runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The options that are not the same in all runs: {name, values}, a value in words for each run, "" for none."""
    flat = [
        {
            f"{section}.{option}": str(value)
            for section, options in run["config"].items()
            if isinstance(options, dict)
            for option, value in options.items()
        }
        for run in runs
    ]
    names = dict.fromkeys(name for options in flat for name in options if not name.endswith(".out"))
    rows = [{"name": name, "values": [options.get(name, "") for options in flat]} for name in names]
    return [row for row in rows if len(set(row["values"])) > 1]


def _apart(folders: Sequence[Path]) -> list[str]:
    """The folders' names, with their parents' as far as that tells them apart."""
    depth = 1
    longest = max(len(folder.parts) for folder in folders)
    while depth < longest and len({folder.parts[-depth:] for folder in folders}) < len(folders):
        depth += 1
    return ["/".join(folder.parts[-depth:]) for folder in folders]


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
