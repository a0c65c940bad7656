"""Several runs on one page: whole, self-contained, and honest about what could not be read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.running import img2img

from img2img.config.base import Refusal
from img2img.training.folder.logs import read_what_can_be
from img2img.training.report.comparison import write_comparison


def run_folder(folder: Path, lines: list[str], config: str = 'recipe = "pix2pix"\n', sheets: int = 2) -> Path:
    (folder / "samples").mkdir(parents=True)
    (folder / "log.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "config.toml").write_text(config)
    for number in range(sheets):
        Image.new("RGB", (40, 20), (10 * number, 0, 0)).save(folder / f"samples/{number * 10:08d}.png")
    return folder


def log(losses: list[float]) -> list[str]:
    return [json.dumps({"step": 10 * (n + 1), "seconds": n, "generator/l1": loss}) for n, loss in enumerate(losses)]


def told(page: Path) -> dict[str, Any]:
    text = page.read_text(encoding="utf-8")
    (data,) = re.findall(r'<script type="application/json" id="run">(.*?)</script>', text, flags=re.DOTALL)
    addresses = re.findall(r'(?:src|href)="([^"]*)"|url\(([^)]*)\)|https?://[^" ]*', text)
    assert addresses == []
    found: dict[str, Any] = json.loads(data, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    return found


def test_it_has_every_runs_curves_sheets_and_what_differs(tmp_path: Path) -> None:
    one = run_folder(tmp_path / "one", log([3, 2]), 'recipe = "pix2pix"\n[run]\nseed = 0\n[data]\nsize = 64\n')
    two = run_folder(tmp_path / "two", log([4, 1, 0.5]), 'recipe = "pix2pix"\n[run]\nseed = 7\n[data]\nsize = 64\n')
    page, left_out = write_comparison([one, two], tmp_path / "page.html", sheets=1)
    found = told(page)
    assert left_out == [] and [run["name"] for run in found["runs"]] == ["one", "two"]
    assert [run["curves"][1]["values"] for run in found["runs"]] == [[3, 2], [4, 1, 0.5]]
    assert [run["step"] for run in found["runs"]] == [20, 30]
    assert found["options"] == [{"name": "run.seed", "values": ["0", "7"]}]
    assert [[sheet["step"] for sheet in run["sheets"]] for run in found["runs"]] == [[10], [10]]
    assert all(sheet["src"].startswith("data:image/jpeg;base64,") for run in found["runs"] for sheet in run["sheets"])


DAMAGED = [
    '{"step": 30, "generator/l1": 1.0}',
    "\x00\x00 garbage",
    '{"step": "twenty"}',
    "[1, 2]",
    '{"step": 10, "generator/l1": NaN}',
    '{"step": 40, "generator/l1": null, "nonfinite": {"generator/l1": "nan"}}',
    '{"step": 20, "generator/l1": 2.0, "huge": ' + "9" * 300 + "}",
    '{"step": 50, "generator/l1": 0.',
]


def test_a_damaged_run_is_shown_as_far_as_it_can_be(tmp_path: Path) -> None:
    good = run_folder(tmp_path / "good", log([3, 2]))
    bad = run_folder(tmp_path / "bad", DAMAGED, config="[run\nsteps = ")
    (bad / "samples/00000010.png").write_bytes(b"\x89PNG no picture")
    (bad / "summary.json").write_text("{")
    empty = tmp_path / "empty"
    empty.mkdir()
    page, left_out = write_comparison([good, bad, empty, tmp_path / "missing", good], tmp_path / "page.html", sheets=9)
    assert [line.split(":")[0] for line in left_out] == [str(empty), str(tmp_path / "missing")]
    first, second = told(page)["runs"]
    assert first["notes"] == [] and len(first["sheets"]) == 2
    curve = next(curve for curve in second["curves"] if curve["name"] == "generator/l1")
    assert (curve["steps"], curve["values"], curve["lost"]) == ([20, 30], [2.0, 1.0], [10, 40])
    assert [sheet["step"] for sheet in second["sheets"]] == [0]
    notes = " | ".join(second["notes"])
    assert "config.toml: no TOML" in notes and "summary.json" in notes and "00000010.png" in notes
    assert "damaged lines left out" in notes


def test_what_a_run_says_cannot_end_the_script(tmp_path: Path) -> None:
    nasty = "</script><img src=x onerror=alert(1)>"
    folder = run_folder(tmp_path / "run<b>", [json.dumps({"step": 1, nasty: 1.0})], f'recipe = "{nasty}"\n')
    page, _ = write_comparison([folder], tmp_path / "page.html", sheets=0)
    assert nasty not in page.read_text() and "run<b>" not in page.read_text()
    (run,) = told(page)["runs"]
    assert run["recipe"] == nasty and run["curves"][0]["name"] == nasty and run["sheets"] == []


def test_names_are_told_apart_by_their_parents(tmp_path: Path) -> None:
    folders = [run_folder(tmp_path / parent / "run", log([1])) for parent in ("a", "b")]
    page, _ = write_comparison(folders, tmp_path / "page.html", sheets=0)
    assert [run["name"] for run in told(page)["runs"]] == ["a/run", "b/run"]


def test_without_a_run_there_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no run's folder"):
        write_comparison([tmp_path], tmp_path / "page.html", sheets=1)
    assert not (tmp_path / "page.html").exists()


def test_the_command_writes_the_page_and_says_where(tmp_path: Path) -> None:
    folder, page = run_folder(tmp_path / "one", log([3, 2])), tmp_path / "out.html"
    result = img2img("compare", folder, tmp_path / "none", "-o", page)
    assert (result.exit_code, result.stdout.strip()) == (0, str(page)) and "none: no run's folder" in result.stderr
    assert len(told(page)["runs"]) == 1
    assert img2img("compare").exit_code == 2
    assert img2img("compare", folder, "-o", tmp_path / "no/such/page.html").exit_code == 2


def test_a_log_is_read_as_far_as_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    assert read_what_can_be(path) == ([], 0)
    path.write_text('{"step": 1}\nnonsense\n{"step": 2}\n{"st')
    assert read_what_can_be(path) == ([{"step": 1}, {"step": 2}], 2)
    path.write_text("")
    assert read_what_can_be(path) == ([], 0)
