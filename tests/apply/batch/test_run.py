"""Folders: nothing lost, nothing done twice, nothing of the user's overwritten, one bad photo never the end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.drawing import draw, write_pictures
from support.upscalers import fill_with_photos, opened, write_weights

from img2img.apply.batch.plan import Job, PlanError, Shard, plan
from img2img.apply.batch.report import PhotoReport
from img2img.apply.batch.run import run_batch
from img2img.apply.engine.model import Model


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("weights") / "w.safetensors")


@pytest.fixture(scope="module")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bool]]:
    """A folder of about forty photos, and which of them are good."""
    folder = tmp_path_factory.mktemp("every") / "photos"
    return folder, fill_with_photos(folder)


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A folder of five photos."""
    return write_pictures(tmp_path / "in", {f"{number}.png": (12, 15, 3) for number in range(5)})


def states(reports: Iterator[PhotoReport]) -> dict[str, str]:
    return {report.job.source.name: report.state for report in reports}


def results(folder: Path) -> dict[str, bytes]:
    """All files that are not hidden."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def upscaled(folder: Path, out: Path, model: Model, **options: object) -> dict[str, str]:
    return states(run_batch(plan([folder], out, model.label), model, **options))  # type: ignore[arg-type]


def test_every_kind_of_photo_and_the_broken_ones_named(
    every_kind: tuple[Path, dict[str, bool]], weights: Path, tmp_path: Path
) -> None:
    folder, kinds = every_kind
    assert len(kinds) >= 40 and not all(kinds.values())
    reports = {
        report.job.source.relative_to(folder).as_posix(): report
        for report in run_batch(plan([folder], tmp_path / "out", "x2"), opened(weights))
    }
    assert {name: report.state == "written" for name, report in reports.items()} == kinds
    assert all(str(report.job.source) in report.error for report in reports.values() if report.error)
    for name, report in reports.items():
        if not kinds[name]:
            assert not report.job.target.exists()
            continue
        with Image.open(folder / name) as before, Image.open(report.job.target) as after:
            turned = before.getexif().get(0x0112, 1) >= 5
            assert after.size == tuple(2 * side for side in (before.size[::-1] if turned else before.size)), name
            assert after.size == (report.width, report.height)
            assert after.getexif().get(0x010F) == before.getexif().get(0x010F)
            if after.format == before.format and before.format in ("PNG", "JPEG", "TIFF"):
                other = before.mode in ("P", "1", "CMYK") or "transparency" in before.info
                same = after.mode if other else before.mode
                assert after.mode == same, name
    assert "first of 2 frames" in reports["moving.gif"].note


def test_a_folder_gives_byte_for_byte_what_single_calls_give(
    every_kind: tuple[Path, dict[str, bool]], weights: Path, tmp_path: Path
) -> None:
    folder, _ = every_kind
    upscaled(folder, tmp_path / "all", opened(weights))
    together = results(tmp_path / "all")
    for name in ("colour JPEG.jpg", "clear/PNG.png", "deep/rgba.png", "grey/WEBP.webp", "turned.jpg", "palette.png"):
        (job,) = plan([folder / name], tmp_path / "one" / Path(name).name, "x2")
        assert states(run_batch([job], opened(weights))) == {Path(name).name: "written"}
        assert together[name] == job.target.read_bytes(), name


def test_the_same_call_again_does_nothing(few: Path, weights: Path, tmp_path: Path) -> None:
    out, model = tmp_path / "out", opened(weights)
    assert set(upscaled(few, out, model).values()) == {"written"}
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    assert set(upscaled(few, out, model).values()) == {"skipped"}
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before


def test_what_came_from_something_else_is_made_again(few: Path, weights: Path, tmp_path: Path) -> None:
    out, model = tmp_path / "out", opened(weights)
    upscaled(few, out, model, quality=90)
    Image.fromarray(draw(77, 12, 15, 3)).save(few / "3.png")
    assert upscaled(few, out, model, quality=90) == {
        f"{number}.png": "written" if number == 3 else "skipped" for number in range(5)
    }
    assert set(upscaled(few, out, model, quality=80).values()) == {"written"}, "other settings"
    other = opened(write_weights(tmp_path / "other.safetensors", seed=1))
    assert set(upscaled(few, out, other, quality=80).values()) == {"written"}, "other weights"
    assert set(upscaled(few, out, other, quality=80).values()) == {"skipped"}


def test_of_two_ways_to_the_same_result_the_last_one_counts(few: Path, weights: Path, tmp_path: Path) -> None:
    """A quality changes nothing in a PNG, and is asked for all the same."""
    out, model = tmp_path / "out", opened(weights)
    for quality, state in ((90, "written"), (80, "written"), (80, "skipped")):
        assert set(upscaled(few, out, model, quality=quality).values()) == {state}


@pytest.mark.parametrize("mine", ["never ours", "retouched"])
def test_nothing_of_the_users_is_overwritten(mine: str, few: Path, weights: Path, tmp_path: Path) -> None:
    out, model = tmp_path / "out", opened(weights)
    out.mkdir()
    if mine == "retouched":
        upscaled(few, out, model)
    (out / "2.png").write_bytes(b"mine")
    for asked in (None, "fail"):
        before = results(out)
        with pytest.raises(PlanError, match=r"2\.png.* exists already" if asked is None else "exists already"):
            upscaled(few, out, model, on_existing=asked)
        assert results(out) == before, "refused before any work"
    assert upscaled(few, out, model, on_existing="skip")["2.png"] == "skipped"
    assert (out / "2.png").read_bytes() == b"mine"
    assert set(upscaled(few, out, model, on_existing="overwrite").values()) == {"written"}
    assert (out / "2.png").read_bytes() != b"mine"
    assert set(upscaled(few, out, model).values()) == {"skipped"}


def test_what_appears_while_it_is_made_is_left_as_it_is(few: Path, weights: Path, tmp_path: Path) -> None:
    out, model = tmp_path / "out", opened(weights)
    out.mkdir()

    def appear(_: float) -> None:
        (out / "1.png").write_bytes(b"mine")

    job = Job(few / "1.png", out / "1.png")
    for _ in ("where nothing was", "where an older result of ours was"):
        (report,) = run_batch([job], model, watch=appear, quality=90)
        assert report.state == "failed" and "appeared" in report.error
        assert results(out) == {"1.png": b"mine"}
        assert states(run_batch([job], model, on_existing="overwrite")) == {"1.png": "written"}


def test_a_stop_loses_nothing_and_the_next_call_goes_on(few: Path, weights: Path, tmp_path: Path) -> None:
    out, model = tmp_path / "out", opened(weights)
    seen: list[float] = []

    def stop(share: float) -> None:
        seen.append(share)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(run_batch(plan([few], out, "x2"), model, watch=stop))
    assert set(results(out)) == {"0.png", "1.png"}, "what was computed is written, and nothing half"
    assert list(upscaled(few, out, model).values()) == ["skipped"] * 2 + ["written"] * 3


KILLED = """
import os, signal, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from img2img.apply.batch import pipeline
from img2img.apply.batch.manifest import Ledger
from img2img.apply.batch.run import run_batch
from img2img.apply.models import open_upscaler
from img2img.apply.batch.plan import plan

weights, folder, root = sys.argv[1:]
add, write, count = Ledger.add, pipeline.write_samples, [0]

def die():
    if count[0] == 3:
        os.kill(os.getpid(), signal.SIGKILL)

def adding(ledger, place, entry):
    count[0] += 1
    if moment == "line" and count[0] == 3:
        with open(place / ".img2img-manifest.jsonl", "a") as file:
            file.write(entry.to_line()[:50])
        die()
    add(ledger, place, entry)
    if moment == "before":
        die()

def writing(samples, target, encoding, finished):
    write(samples, target, encoding, finished)
    if moment == "after":
        die()

Ledger.add, pipeline.write_samples, pipeline.WRITERS = adding, writing, 1
for moment in ("line", "before", "after"):
    child = os.fork()
    if not child:
        model = open_upscaler(weights, None, device=torch.device("cpu"))
        list(run_batch(plan([Path(folder)], Path(root, moment), "x2"), model))
        os._exit(0)
    print(moment, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.slow
def test_kill_nine_loses_nothing_and_nothing_is_done_twice(few: Path, weights: Path, tmp_path: Path) -> None:
    """Killed in the middle of the manifest's third line, between line and rename, and after the rename."""
    command = [sys.executable, "-c", KILLED, weights, few, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["line", "-9", "before", "-9", "after", "-9"], done.stderr
    upscaled(few, tmp_path / "fresh", opened(weights))
    for moment in ("line", "before", "after"):
        out = tmp_path / moment
        whole = {"0.png", "1.png", *(["2.png"] if moment == "after" else [])}
        assert set(results(out)) == whole
        assert len(list(out.glob("*.tmp"))) == (moment != "after")
        found = upscaled(few, out, opened(weights))
        assert {name for name, state in found.items() if state == "skipped"} == whole
        assert {name for name, state in found.items() if state == "written"} == {f"{n}.png" for n in range(5)} - whole
        assert results(out) == results(tmp_path / "fresh")
        assert not list(out.glob("*.tmp")), "what the killed one left is swept"


def test_shards_share_a_folder_out(every_kind: tuple[Path, dict[str, bool]], tmp_path: Path) -> None:
    folder, kinds = every_kind
    parts = [plan([folder], tmp_path / "out", "x2", shard=Shard(number, 3)) for number in (1, 2, 3)]
    assert sorted(str(job.source.relative_to(folder)) for part in parts for job in part) == sorted(kinds)
    assert all(5 <= len(part) <= 25 for part in parts)
    (folder / "another.jpg").touch()
    again = plan([folder], tmp_path / "out", "x2", shard=Shard(2, 3))
    (folder / "another.jpg").unlink()
    assert set(parts[1]) <= set(again), "a photo's part does not depend on the others"


def test_results_of_earlier_calls_are_no_photos(few: Path, weights: Path) -> None:
    model = opened(weights)
    list(run_batch(plan([few], None, "x2"), model))
    (few / "0.x2.png").rename(few / "best.png")  # renamed by its owner, and so a photo like any other
    sources = {job.source.name for job in plan([few], None, "x3")}
    assert sources == {*(f"{number}.png" for number in range(5)), "best.png"}


def test_large_results_are_refused_before_the_network_runs(weights: Path, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((1, 9000, 3), np.uint8)).save(tmp_path / "wide.webp", lossless=True)
    called: list[float] = []
    job = Job(tmp_path / "wide.webp", tmp_path / "wide.x2.webp")
    (report,) = run_batch([job], opened(weights), watch=called.append)
    assert report.state == "failed" and "18000 x 2 px; allowed in WEBP: sides up to 16383 px" in report.error
    assert not called
