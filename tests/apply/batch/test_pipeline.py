"""A long folder in bounded memory: every photo gives back what was set aside for it, however it ended."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from img2img.apply.batch import pipeline
from img2img.apply.batch.job import Job
from img2img.apply.batch.report import PhotoReport
from img2img.apply.batch.run import run_batch
from img2img.apply.batch.turnstile import Turnstile
from img2img.apply.conversion import ConvertedPhoto
from img2img.images import Photo

COUNT, SIDE, LONGEST = 12, 64, 60.0
"""Photos of how many px; s that they may take, of which they need less than one."""


class Enlarged:
    """Says that results are 64 times as large, so that four of them fill the 512 MiB that are free at the least."""

    label, weights, note = "x64", "", ""
    settings: Mapping[str, Any] = {}

    def __init__(self, fails: bool) -> None:
        self.fails = fails

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        return 64 * width, 64 * height

    def convert(self, photo: Photo, bits: int | None = None, watch: object = None) -> ConvertedPhoto:
        if self.fails:
            raise RuntimeError("out of memory")
        return ConvertedPhoto(np.zeros((2, 2, 3), np.uint8), None, None, photo.format, photo.note)

    def convert_floats(self, photo: Photo) -> Photo:
        return photo


@pytest.mark.parametrize("end", ["written", "cannot be read", "cannot be converted", "cannot be written"])
def test_a_long_folder_comes_to_its_end(end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [Job(tmp_path / f"{number}.png", tmp_path / "out" / f"{number}.png") for number in range(COUNT)]
    for job in jobs:
        noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
        Image.fromarray(noise).save(job.source)
        if end == "cannot be read":  # its header can
            job.source.write_bytes(job.source.read_bytes()[:2000])
    turnstiles: list[Turnstile] = []

    class Kept(Turnstile):
        """One that the test can open."""

        def __init__(self, limit: int) -> None:
            super().__init__(limit)
            turnstiles.append(self)

    monkeypatch.setattr(pipeline, "Turnstile", Kept)
    monkeypatch.setattr(pipeline, "free_memory", lambda: 0)
    if end == "cannot be written":
        monkeypatch.setattr(pipeline, "write_samples", refuse)
    reports: list[PhotoReport] = []
    model = Enlarged(fails=end == "cannot be converted")
    folder = threading.Thread(target=lambda: reports.extend(run_batch(jobs, model)), daemon=True)
    folder.start()
    folder.join(LONGEST)
    hangs = folder.is_alive()
    for turnstile in turnstiles:
        turnstile.close()
    folder.join(LONGEST)
    assert not hangs, f"stopped after {len(reports)} photos"
    assert [report.state for report in reports] == ["written" if end == "written" else "failed"] * COUNT


def refuse(*_: object) -> None:
    raise OSError("disk full")
