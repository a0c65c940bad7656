"""The script for a GPU's first minutes, rehearsed on the CPU: a part that fails takes no other along."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import first_gpu_minutes
from first_gpu_minutes import MARK, PARTS, Part, main, markdown, step_row

app = typer.Typer()
app.command()(main)


def rehearsed(out: Path, *options: object) -> Result:
    fixed = ["--out", out, "--device", "cpu", "--tiny"]
    return CliRunner().invoke(app, [str(option) for option in (*fixed, *options)], catch_exceptions=False)


def saying(name: str, code: str, seconds: float = 60) -> Part:
    """A part that runs this code."""
    return Part(name, seconds, lambda device, tiny: ["-c", code], lambda said, _: first_gpu_minutes._objects(said))


def test_parts_fail_alone_and_keep_what_they_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = MARK + json.dumps({"what": "one", "result": "well"})
    hangs = f"print({row!r}, flush=True); print({row[:-4]!r}, end='', flush=True); import time; time.sleep(60)"
    parts = (
        saying("hangs", hangs, 4),
        saying("breaks", "raise SystemExit('broken')"),
        saying("works", f"print({row!r})"),
    )
    monkeypatch.setattr(first_gpu_minutes, "PARTS", parts)
    rows = [
        found
        for part in parts
        for found in first_gpu_minutes.rows_of(part, "cpu", True, part.seconds, tmp_path / "log")
    ]
    assert [(found["part"], found["result"], found["ok"]) for found in rows] == [
        ("hangs", "well", True), ("hangs", "ended after its 4 s", False),
        ("breaks", "exit code 1: broken", False), ("works", "well", True),
    ]  # fmt: skip
    done = rehearsed(tmp_path / "out", "--only", "breaks,works")
    assert done.exit_code == 1
    table = (tmp_path / "out/table.md").read_text()
    assert "| breaks | the part | exit code 1: broken | FAILED |" in table and "| works | one | well |  |" in table
    assert [found["part"] for found in json.loads((tmp_path / "out/rows.json").read_text())] == ["breaks", "works"]


def test_what_no_time_is_left_for_is_named(tmp_path: Path) -> None:
    done = rehearsed(tmp_path, "--minutes", 0, "--only", "trace")
    assert done.exit_code == 1 and "| trace | the part | left out: no time | FAILED |" in done.stdout


def test_all_parts_fit_into_ten_minutes_with_the_most_wanted_first() -> None:
    """Those that are left out when each takes all of its time are the last ones."""
    assert [part.name for part in PARTS[:5]] == ["placement", "steps", "trace", "exactness", "ranks"]
    assert sum(part.seconds for part in PARTS[:-1]) <= 570


def test_a_row_of_a_step_is_told_with_its_spread() -> None:
    row = {
        "recipe": "cyclegan", "size": 256, "batch": 1, "variant": "plain", "precision": "bf16", "seconds": 0.01,
        "seconds_lowest": 0.009, "seconds_highest": 0.02, "ratio": 1.5, "ratio_lowest": 1.4, "ratio_highest": 1.6,
    }  # fmt: skip
    told = step_row(row)
    assert told["what"] == "cyclegan 256 px, batch 1: plain, bf16"
    assert told["result"] == "10 ms a step (9 to 20), 1.50 times the plain code (1.40 to 1.60)"
    assert "| steps | cyclegan 256 px" in markdown([{"part": "steps", "ok": True} | told], "title")


@pytest.mark.slow
def test_the_rehearsal_goes_well(tmp_path: Path) -> None:
    """Its smallest form: the parts that nothing else tests. Placement is tested on the pretended accelerator, steps are
    with the papers' code."""
    done = rehearsed(tmp_path, "--only", "exactness,trace,layouts,ranks", "--minutes", 8)
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert done.exit_code == 0, done.output
    assert {row["part"] for row in rows} == {"exactness", "trace", "layouts", "ranks"}
    (trace,) = (row for row in rows if row["part"] == "trace")
    assert trace["milliseconds"] > 0 and any("conv" in kernel for kernel in trace["longest"])
    (ranks,) = (row for row in rows if row["part"] == "ranks")
    assert ranks["result"].startswith("refused by both")
