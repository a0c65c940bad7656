"""The log: what a line holds, what resuming drops, and what a kill may leave behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from img2img.training.folder.logs import RunLog, read_log


def steps(path: Path) -> list[int]:
    return [line["step"] for line in read_log(path)]


def written(folder: Path, last: int, resume_from: int | None = None) -> Path:
    with RunLog(folder, resume_from, tensorboard=False) as log:
        for step in range((resume_from or 0) + 1, last + 1):
            log.write(step, {"generator/l1": 1 / step})
    return folder / "log.jsonl"


def test_a_line_is_an_object_with_six_significant_digits(tmp_path: Path) -> None:
    with RunLog(tmp_path / "new" / "run", tensorboard=False) as log:
        log.write(50, {"images": 1234567, "generator/l1": 0.123456789, "lr": 2e-4, "critic/real": 123456.789})
    text = (tmp_path / "new" / "run" / "log.jsonl").read_text()
    assert text == '{"step": 50, "images": 1234567, "generator/l1": 0.123457, "lr": 0.0002, "critic/real": 123457.0}\n'


def test_what_is_not_finite_is_null_and_said(tmp_path: Path) -> None:
    with RunLog(tmp_path, tensorboard=False) as log:
        log.write(1, {"a": float("nan"), "b": float("-inf"), "c": 1.0})
    line = (tmp_path / "log.jsonl").read_text()
    entry = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert entry == {"step": 1, "a": None, "b": None, "c": 1.0, "nonfinite": {"a": "nan", "b": "-inf"}}


def test_a_line_can_be_read_before_the_log_is_closed(tmp_path: Path) -> None:
    with RunLog(tmp_path, tensorboard=False) as log:
        log.write(7, {})
        assert steps(log.path) == [7]


def test_resuming_drops_what_came_after(tmp_path: Path) -> None:
    path = written(tmp_path, last=10)
    before = path.read_text().splitlines()
    written(tmp_path, last=8, resume_from=6)
    assert steps(path) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert path.read_text().splitlines()[:6] == before[:6]


def test_a_new_run_starts_an_empty_log(tmp_path: Path) -> None:
    written(tmp_path, last=5)
    assert steps(written(tmp_path, last=2)) == [1, 2]


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_torn_last_line_is_skipped_and_dropped_at_resume(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path, last=4)
    whole = path.read_bytes()
    path.write_bytes(whole + whole.splitlines()[-1][:cut])
    assert steps(path) == [1, 2, 3, 4]
    written(tmp_path, last=6, resume_from=4)
    assert steps(path) == [1, 2, 3, 4, 5, 6]


def test_a_last_line_that_lacks_only_its_end_is_kept(tmp_path: Path) -> None:
    path = written(tmp_path, last=3)
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    written(tmp_path, last=5, resume_from=3)
    assert steps(path) == [1, 2, 3, 4, 5]


def test_damage_elsewhere_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, last=3)
    first, second, third = path.read_text().splitlines()
    path.write_text("\n".join([first, second[:9], third]) + "\n")
    with pytest.raises(ValueError, match=r"log\.jsonl, line 2: '{\"step\": ' is no JSON object"):
        read_log(path)
    with pytest.raises(ValueError, match="line 2"):
        RunLog(tmp_path, resume_from=3, tensorboard=False)


def test_no_log_and_an_empty_log_have_no_lines(tmp_path: Path) -> None:
    assert read_log(tmp_path / "log.jsonl") == []
    (tmp_path / "log.jsonl").touch()
    assert read_log(tmp_path / "log.jsonl") == []


def test_tensorboard_forgets_what_resuming_drops(tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    for resume_from, last, value in ((None, 6, 1.0), (4, 5, 2.0)):
        with RunLog(tmp_path, resume_from) as log:
            for step in range((resume_from or 0) + 1, last + 1):
                log.write(step, {"generator/l1": value})
            log.image(last, "samples", Image.new("L", (8, 4)))
    events = accumulator.EventAccumulator(str(tmp_path / "events")).Reload()
    shown = [(event.step, event.value) for event in events.Scalars("generator/l1")]
    assert shown == [(1, 1.0), (2, 1.0), (3, 1.0), (4, 1.0), (5, 2.0)]
    assert [(image.step, image.width, image.height) for image in events.Images("samples")] == [(5, 8, 4)]


def test_without_tensorboard_there_are_no_events(tmp_path: Path) -> None:
    with RunLog(tmp_path, tensorboard=False) as log:
        log.write(1, {"lr": 1.0})
        log.image(1, "samples", Image.new("RGB", (4, 4)))
    assert [path.name for path in tmp_path.iterdir()] == ["log.jsonl"]
