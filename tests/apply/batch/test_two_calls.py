"""Two calls at work on one folder, and one whose reader hangs."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.drawing import write_pictures

from img2img.apply.batch.manifest import NAME
from img2img.apply.batch.plan import PlanError, plan
from img2img.apply.batch.run import run_batch
from img2img.apply.conversion import ConvertedPhoto
from img2img.config.apply import OnExisting
from img2img.images import Photo

COUNT = 6
LEAVES_A_DRAFT = """
import os, signal, sys
from pathlib import Path
from img2img.images.atomic import write_atomically
with write_atomically(Path(sys.argv[1])) as draft:
    draft.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


class Grey:
    """Makes every photo grey, and tells before it does."""

    label, weights, note = "grey", "", ""
    settings: Mapping[str, Any] = {}

    def __init__(self, before: Any = lambda: None) -> None:
        self.before = before

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        return width, height

    def convert(self, photo: Photo, bits: int | None = None, watch: object = None) -> ConvertedPhoto:
        self.before()
        return ConvertedPhoto(np.full((4, 4, 3), 128, np.uint8), None, None, photo.format, photo.note)

    def convert_floats(self, photo: Photo) -> Photo:
        return photo


@pytest.fixture
def few(tmp_path: Path) -> Path:
    return write_pictures(tmp_path / "in", {f"{number}.png": (8, 8, 3) for number in range(COUNT)})


def test_what_another_call_made_is_skipped(few: Path, tmp_path: Path) -> None:
    """The other call comes in when this one has its plan and is at its first photo."""
    jobs, done = plan([few], tmp_path / "out", "grey"), []

    def other() -> None:
        if not done:
            done.append(True)
            assert [report.state for report in run_batch(jobs, Grey())] == ["written"] * COUNT

    reports = list(run_batch(jobs, Grey(other)))
    assert {report.state for report in reports} == {"skipped"}, [str(report) for report in reports]
    assert {report.note for report in reports} == {"done before"}
    assert len((tmp_path / "out" / f"{NAME}.jsonl").read_text().splitlines()) == COUNT


@pytest.mark.parametrize(("on_existing", "state"), [(None, "failed"), ("skip", "skipped"), ("overwrite", "written")])
def test_what_somebody_else_put_there_meanwhile(
    on_existing: OnExisting | None, state: str, few: Path, tmp_path: Path
) -> None:
    jobs, target = plan([few], tmp_path / "out", "grey")[:1], tmp_path / "out" / "0.png"
    reports = list(run_batch(jobs, Grey(lambda: target.write_bytes(b"theirs")), on_existing=on_existing))
    assert [report.state for report in reports] == [state]
    assert (target.read_bytes() == b"theirs") == (state != "written")


def test_two_calls_at_once_make_every_photo(few: Path, tmp_path: Path) -> None:
    jobs, reports = plan([few], tmp_path / "out", "grey"), []
    calls = [
        threading.Thread(target=lambda: reports.extend(run_batch(jobs, Grey(lambda: time.sleep(0.01)))))
        for _ in range(2)
    ]
    for call in calls:
        call.start()
    for call in calls:
        call.join(60)
    assert len(reports) == 2 * COUNT and {report.state for report in reports} <= {"written", "skipped"}
    again = [report.state for report in run_batch(jobs, Grey())]
    assert again == ["skipped"] * COUNT


def test_what_a_killed_call_left_goes_though_another_did_its_work(few: Path, tmp_path: Path) -> None:
    jobs = plan([few], tmp_path / "out", "grey")
    list(run_batch(jobs, Grey()))
    killed = subprocess.Popen([sys.executable, "-c", LEAVES_A_DRAFT, str(tmp_path / "out" / "0.png")])
    killed.wait(60)
    assert len(list((tmp_path / "out").glob("*.tmp"))) == 1
    assert {report.state for report in run_batch(jobs, Grey())} == {"skipped"}
    assert not list((tmp_path / "out").glob("*.tmp"))


def test_a_manifest_that_is_a_link_is_never_followed(few: Path, tmp_path: Path) -> None:
    out, victim = tmp_path / "out", tmp_path / "rc"
    out.mkdir()
    victim.write_text("mine\n")
    (out / f"{NAME}.jsonl").symlink_to(victim)
    with pytest.raises(PlanError, match="is a link, not a regular file; remove it"):
        list(run_batch(plan([few], out, "grey"), Grey()))
    assert victim.read_text() == "mine\n" and not list(out.glob("*.png"))


STUCK = """
import sys, time
from img2img.apply.batch import pipeline
def stuck(*_, **__):
    print("reading", flush=True)
    time.sleep(1000)
pipeline.read_photo = stuck
from img2img.cli.app import main
sys.argv = ["img2img", *sys.argv[1:]]
main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_batch_whose_reader_hangs(number: signal.Signals, few: Path, tmp_path: Path) -> None:
    mask = write_pictures(tmp_path / "mask", {"mask.png": (8, 8, 1)}) / "mask.png"
    command = [sys.executable, "-c", STUCK, "inpaint", few, "--mask", mask, "--method", "telea", "-o", tmp_path / "out"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.read(7) == "reading"
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130 and "interrupted" in said
