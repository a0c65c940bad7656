"""What a batch tells on the way, where there is no bar: sizes, estimates, failures, each once."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import pytest
from rich.console import Console

from img2img.apply.batch.job import PHOTO, Job
from img2img.apply.batch.report import PhotoReport
from img2img.cli import progress
from img2img.cli.photos import _warnings_to
from img2img.cli.progress import BatchProgress

JOB = Job(Path("photo.jpg"), Path("photo.x4.jpg"))


class Clock:
    """A clock that the test moves, s."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(progress.time, "monotonic", lambda: self.now)


def told(telling: BatchProgress, out: io.StringIO) -> str:
    """What was said since the last time."""
    said = out.getvalue()
    out.seek(0)
    out.truncate()
    return said


def telling(quiet: bool = False) -> tuple[BatchProgress, io.StringIO]:
    out = io.StringIO()
    return BatchProgress(10, False, Console(file=out, width=500), quiet=quiet), out


def test_photos_that_failed_at_once_promise_nothing_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    batch, out = telling()
    for _ in range(5):
        batch.tell(PhotoReport(JOB, "failed", error="photo.jpg: damaged"))
    assert " left" not in told(batch, out)
    clock.now = 60.0
    batch.tell(PhotoReport(JOB, "written"))
    assert "0:04:00 left" in told(batch, out)  # four photos of a minute each, not of ten seconds


def test_a_large_result_is_told_of_before_and_estimated_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    batch, out = telling()
    batch.starting(JOB, 4000, 3000)
    assert told(batch, out) == ""
    batch.starting(JOB, 15_000, 13_000)
    assert told(batch, out) == "photo.jpg → 15000 x 13000 px, 195 megapixels: this takes a while\n"
    clock.now = 36.0
    batch.watch(0.01)
    assert told(batch, out) == "[1/10] photo.jpg: 1%, 0:59:24 left for this one\n"
    clock.now = 37.0
    batch.watch(0.02)
    assert told(batch, out) == ""  # not at every tile


def test_quiet_says_failures_alone(capsys: pytest.CaptureFixture[str]) -> None:
    batch, out = telling(quiet=True)
    batch.starting(JOB, 15_000, 13_000)
    batch.note("warning: something")
    batch.tell(PhotoReport(JOB, "written"))
    assert told(batch, out) == "" and capsys.readouterr().out == "photo.x4.jpg\n"
    batch.tell(PhotoReport(JOB, "failed", error="photo.jpg: damaged"))
    assert told(batch, out) == "[2/10] failed: photo.jpg: damaged\n"


def test_a_librarys_warning_names_its_photo() -> None:
    said: list[str] = []
    with _warnings_to(said.append):
        for name in ("a.tif", "b.tif"):
            token = PHOTO.set(name)
            warnings.warn_explicit("Corrupt EXIF data", UserWarning, "TiffImagePlugin.py", 1, module="PIL.Tiff")
            PHOTO.reset(token)
    assert said == ["warning: a.tif: Corrupt EXIF data", "warning: b.tif: Corrupt EXIF data"]
