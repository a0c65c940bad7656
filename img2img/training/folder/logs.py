"""The run's history: `log.jsonl`, one JSON object a line, and TensorBoard events beside it."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from img2img.config.errors import UserError
from img2img.disk.regular import open_own, require_regular
from img2img.disk.structure import parsed, validated
from img2img.disk.whole_lines import add_line
from img2img.images.atomic import write_atomically

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

LOG = "log.jsonl"
EVENTS = "events"


class LogError(UserError, ValueError):
    """A log with a line that is none."""


class _Line(BaseModel):
    """What every line has; the rest are numbers by name."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, float | dict[str, str] | str | None] = Field(init=False)
    step: int = Field(default=0, strict=True, ge=0, lt=2**53)
    seconds: float = 0.0


_LINE = TypeAdapter(_Line)


class RunLog:
    """Appends to a run's `log.jsonl` and, if asked, to TensorBoard events in `events/`.

    Every line is with the operating system before `write` returns, so that a killed run loses at most the line it
    was writing; a full disk leaves none half written. Resuming cuts the history back to the step that is resumed from:
    nothing is told twice.
    """

    def __init__(self, folder: Path, resume_from: int | None = None, tensorboard: bool = True) -> None:
        """Open the log in `folder`, which is made if missing.

        resume_from: keep the lines up to this step and drop those after it; None: a new run, an empty log.
        Raises LogError naming the line where the existing log is damaged anywhere but at its end.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / LOG
        _cut(self.path, resume_from)
        self._file = open(open_own(self.path, os.O_RDWR | os.O_APPEND), "rb+", buffering=0)  # noqa: SIM115 (closed by close)
        # TensorBoard hides what it has from purge_step on, that step included.
        self._events = _events(folder / EVENTS, 0 if resume_from is None else resume_from + 1) if tensorboard else None

    def write(self, step: int, numbers: Mapping[str, float]) -> None:
        """Append one line: the step, then the numbers to six significant digits. Raises OSError.

        What JSON cannot say becomes null, and the line's `nonfinite` tells which it was: {"generator/l1": "nan"}.
        """
        add_line(self._file.fileno(), _line(step, numbers))
        if self._events:
            for name, value in numbers.items():
                self._events.add_scalar(name, value, step)

    def image(self, step: int, name: str, picture: Image.Image) -> None:
        """Show a sample sheet in TensorBoard under `name`; without TensorBoard, nothing."""
        if self._events:
            self._events.add_image(name, numpy.asarray(picture.convert("RGB")), step, dataformats="HWC")
            self._events.flush()

    def close(self) -> None:
        """Close both; twice does no harm."""
        self._file.close()
        if self._events:
            self._events.close()

    def __enter__(self) -> RunLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_log(path: Path) -> list[dict[str, Any]]:
    """The lines of a `log.jsonl`, oldest first; none where the file is missing, and without a torn last one.

    Raises LogError naming the line where another one is no JSON object.
    """
    return [entry for _, entry in _entries(path)]


def read_what_can_be(path: Path) -> tuple[list[dict[str, Any]], int]:
    """As `read_log`, but a damaged line is left out wherever it stands; and how many were, a torn last one among them.

    A log that cannot be opened at all has none.
    """
    found, lost = [], 0
    try:
        require_regular(path)
        text = path.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return [], 0
    for line in text.rstrip("\n").split("\n") if text.strip() else []:
        try:
            found.append(_entry(line))
        except ValueError:
            lost += 1
    return found, lost


def _entries(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """The log's lines as text and as objects. A JSON object is never the beginning of another: a torn line shows."""
    if not path.exists():
        return []
    try:
        require_regular(path)
    except OSError as error:
        raise LogError(f"{path}: {error.strerror}") from None
    lines = path.read_bytes().decode("utf-8", errors="replace").rstrip("\n").split("\n")
    found: list[tuple[str, dict[str, Any]]] = []
    for number, line in enumerate(lines, start=1):
        try:
            entry = _entry(line)
        except ValueError as error:
            if number == len(lines):  # torn by a kill
                break
            why = "" if str(error).startswith("no JSON") else f" of this log ({error})"
            raise LogError(
                f"{path}, line {number}: {line[:60]!r} is no JSON object{why}; remove the line to go on"
            ) from None
        found.append((line, entry))
    return found


def _entry(line: str) -> dict[str, Any]:
    """Raises ValueError for what no line of a log can be."""
    entry = parsed(line)
    if not isinstance(entry, dict):
        raise ValueError("no JSON object")
    validated(_LINE, entry)
    return entry


def _cut(path: Path, last_step: int | None) -> None:
    """Leave only the lines up to `last_step`, or none. The old log stays until the new one is complete."""
    kept = [] if last_step is None else [line for line, entry in _entries(path) if entry.get("step", 0) <= last_step]
    with write_atomically(path) as draft:
        draft.write_text("".join(line + "\n" for line in kept), encoding="utf-8")


def _line(step: int, numbers: Mapping[str, float]) -> str:
    entry: dict[str, Any] = {"step": step}
    nonfinite: dict[str, str] = {}
    for name, value in numbers.items():
        if isinstance(value, int):
            entry[name] = value
        elif math.isfinite(value):
            entry[name] = float(f"{value:.6g}")
        else:
            entry[name] = None
            nonfinite[name] = str(float(value))
    if nonfinite:
        entry["nonfinite"] = nonfinite
    return json.dumps(entry, ensure_ascii=False, allow_nan=False)


def _events(folder: Path, purge_step: int) -> SummaryWriter:
    """Imported here, so that a run without TensorBoard does not need it."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as missing:
        raise ImportError(f"{missing}: pip install tensorboard, or run with --no-tensorboard") from missing
    return SummaryWriter(str(folder), purge_step=purge_step, flush_secs=30)
