"""The report page: whole, self-contained, honest about what is missing, and never broken by what it quotes."""

from __future__ import annotations

import base64
import io
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy
import pytest
from PIL import Image

from img2img.training.folder.logs import RunLog
from img2img.training.report import page as report
from img2img.training.report.page import curves, spread, thinned, write_report

VOID = {"meta", "input", "img", "br", "link"}


class Page(HTMLParser):
    """Collects the tree's mistakes, the addresses, and the text of the elements with an id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.mistakes: list[str] = []
        self.addresses: list[str] = []
        self.texts: dict[str, str] = {}
        self.title = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.addresses += [named[key] or "" for key in ("src", "href", "action", "data") if key in named]
        if tag not in VOID:
            self.open.append((tag, named.get("id") or ""))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            self.mistakes.append(f"</{tag}> at {self.getpos()}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            tag, name = self.open[-1]
            self.texts[name] = self.texts.get(name, "") + data
            if tag == "title":
                self.title += data


def parsed(path: Path) -> tuple[Page, dict[str, Any]]:
    page = Page(path.read_text(encoding="utf-8"))
    run = json.loads(page.texts["run"], parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    return page, run


def save_picture(path: Path, size: tuple[int, int] = (32, 24), noise: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    levels = numpy.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=numpy.uint8)
    (Image.fromarray(levels) if noise else Image.new("RGB", size, "teal")).save(path)


def embedded(sheet: dict[str, Any]) -> bytes:
    kind, data = sheet["src"].split(",", 1)
    assert kind == "data:image/jpeg;base64"
    return base64.b64decode(data)


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "zebras"
    with RunLog(folder, tensorboard=False) as log:
        for step in range(10, 110, 10):
            terms = {"generator/l1": 10 / step, "critic/real": float("nan") if step == 50 else 0.5}
            log.write(step, {"seconds": step * 0.5, **terms, "lr": 2e-4, "images_per_second": 8.0})
    (folder / "config.toml").write_text('recipe = "pix2pix"\n\n[run]\nsteps = 400\n')
    for step in (50, 100):
        save_picture(folder / "samples" / f"{step:07}.png")
    (folder / "summary.json").write_text('{"parameters": 54413955, "fid": NaN, "device": "cpu"}')
    return folder


def test_the_page_is_well_formed_and_needs_nothing_but_itself(run_folder: Path) -> None:
    path = write_report(run_folder)
    page, _ = parsed(path)
    assert page.open == [] and page.mistakes == []
    assert page.addresses == []
    text = path.read_text()
    assert not re.search(r"https?:|@import|url\(|fetch\(|XMLHttp", text)
    assert "{{" not in text
    assert page.title == "zebras · pix2pix"
    assert not list(run_folder.glob("*.tmp")) and not list(run_folder.glob(".*"))


def test_the_page_holds_the_run(run_folder: Path) -> None:
    _, run = parsed(write_report(run_folder))
    assert (run["name"], run["recipe"]) == ("zebras", "pix2pix")
    assert run["facts"] == {"parameters": 54413955, "fid": "nan", "device": "cpu"}
    assert run["config"].startswith("recipe = ")
    assert [sheet["step"] for sheet in run["sheets"]] == [50, 100]
    found = {curve["name"]: curve for curve in run["curves"]}
    assert found["generator/l1"]["steps"] == list(range(10, 110, 10))
    assert found["generator/l1"]["values"][:2] == [1.0, 0.5]
    assert found["critic/real"]["lost"] == [50] and 50 not in found["critic/real"]["steps"]


def test_the_state_is_the_logs(run_folder: Path) -> None:
    _, run = parsed(write_report(run_folder))
    state = run["state"]
    assert (state["step"], state["total"], state["images_per_second"], state["skipped"]) == (100, 400, 8.0, 0)
    assert abs(state["seconds_left"] - 300 * 0.5) < 1e-9
    assert run["updated"] == (run_folder / "log.jsonl").stat().st_mtime


def test_the_total_may_come_from_the_summary(run_folder: Path) -> None:
    (run_folder / "config.toml").write_text("[run]\nepochs = 2\n")
    (run_folder / "summary.json").write_text('{"total": 120, "recipe": "cyclegan"}')
    _, run = parsed(write_report(run_folder))
    assert run["state"]["total"] == 120 and run["recipe"] == "cyclegan"
    assert abs(run["state"]["seconds_left"] - 10) < 1e-9
    assert run["facts"] == {}  # the head of the page tells both


def test_an_empty_folder_has_a_page(tmp_path: Path) -> None:
    page, run = parsed(write_report(tmp_path))
    assert page.mistakes == [] and "No samples yet" in page.texts["no-samples"]
    assert run["sheets"] == run["curves"] == [] and run["updated"] is None
    assert run["state"] == {"step": 0, "total": None, "images_per_second": None, "seconds_left": None, "skipped": 0}


def test_nothing_that_is_quoted_breaks_the_page(tmp_path: Path) -> None:
    folder = tmp_path / "<b>a&b' {{run}}"
    evil = '</script><script>alert("1")</script><!-- & \u2028'
    with RunLog(folder, tensorboard=False) as log:
        log.write(1, {evil: 1.0})
    (folder / "config.toml").write_text(f"# {evil}\nrecipe = '<i>'\n", encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps({evil: evil}))
    path = write_report(folder)
    page, run = parsed(path)
    assert page.mistakes == [] and page.open == []
    assert page.title == "<b>a&b' {{run}} · <i>"
    assert run["facts"] == {evil: evil} and run["curves"][0]["name"] == evil and evil in run["config"]
    assert path.read_text(encoding="utf-8").count("</script>") == 2


def test_a_number_that_is_not_finite_in_a_foreign_log_is_lost_not_fatal(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(
        '{"step": 1, "k": NaN}\n{"step": 2, "k": 0.5}\n{"step": 3, "k": -Infinity}\n{"step'
    )
    _, run = parsed(write_report(tmp_path))
    assert run["curves"] == [{"name": "k", "steps": [2], "values": [0.5], "lost": [1, 3]}]


def test_a_resumed_runs_clock_may_start_anew(tmp_path: Path) -> None:
    lines = [(10, 100.0), (20, 110.0), (30, 5.0), (40, 15.0)]
    (tmp_path / "log.jsonl").write_text("".join(f'{{"step": {s}, "seconds": {t}}}\n' for s, t in lines))
    (tmp_path / "config.toml").write_text("[run]\nsteps = 100\n")
    _, run = parsed(write_report(tmp_path))
    assert abs(run["state"]["seconds_left"] - 60.0) < 1e-9


def test_thinning_keeps_the_ends_and_the_mean() -> None:
    series = [(float(step), float(step % 7)) for step in range(10_000)]
    thin = thinned(series, 1500)
    assert len(thin) == 1500
    assert thin[0] == series[0] and thin[-1] == series[-1]
    assert all(a[0] < b[0] for a, b in pairwise(thin))
    assert abs(sum(y for _, y in thin) / 1500 - 3.0) < 0.01
    assert thinned(series[:1500], 1500) == series[:1500]


def test_a_straight_line_stays_straight() -> None:
    thin = thinned([(float(x), 3.0 * x) for x in range(5003)], 100)
    assert max(abs(y - 3.0 * x) for x, y in thin) < 1e-6


def test_long_curves_are_thinned() -> None:
    log = [
        {"step": step, "generator/l1": 1.0, **({"critic/penalty": 2.0} if step % 16 == 0 else {})}
        for step in range(4000)
    ]
    dense, lazy = curves(log, points=300)
    assert len(dense["steps"]) == 300 and dense["steps"][0] == 0 and dense["steps"][-1] == 3999
    assert set(dense["values"]) == {1.0}
    assert lazy["steps"] == list(range(0, 4000, 16))


@pytest.mark.parametrize("count", [0, 1, 23, 24, 25, 100, 1000])
def test_sheets_are_spread_and_keep_first_and_last(count: int) -> None:
    steps = [500 * (index + 1) for index in range(count)]
    chosen = spread(steps, 24)
    assert len(chosen) == min(count, 24)
    assert chosen[:1] == steps[:1] and chosen[-1:] == steps[-1:]
    gaps = [b - a for a, b in pairwise(chosen)]
    assert not gaps or max(gaps) - min(gaps) <= 500 * 2


def test_only_numbered_pictures_are_sheets(tmp_path: Path) -> None:
    for name in ("0000300.png", "0000050.jpg", "0001000.JPG", "preview.png", "-5.png"):
        save_picture(tmp_path / "samples" / name)
    (tmp_path / "samples" / "0000400.txt").write_text("no picture")
    _, run = parsed(write_report(tmp_path))
    assert [sheet["step"] for sheet in run["sheets"]] == [50, 300, 1000]


def test_a_jpeg_is_taken_as_it_is_and_a_wide_sheet_is_made_smaller(tmp_path: Path) -> None:
    save_picture(tmp_path / "samples" / "0000001.jpg", (640, 480))
    save_picture(tmp_path / "samples" / "0000002.png", (3200, 400))
    _, run = parsed(write_report(tmp_path))
    first, second = run["sheets"]
    assert embedded(first) == (tmp_path / "samples" / "0000001.jpg").read_bytes()
    with Image.open(io.BytesIO(embedded(second))) as picture:
        assert picture.size == (second["width"], second["height"]) == (1600, 200)


def test_the_page_keeps_to_its_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "SHEET_BYTES", 200_000)
    for step in (1, 2):
        save_picture(tmp_path / "samples" / f"{step}.png", (900, 700), noise=True)
    _, run = parsed(write_report(tmp_path))
    assert sum(len(embedded(sheet)) for sheet in run["sheets"]) <= 200_000


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("config.toml", "steps = ", r"config\.toml: no TOML"),
        ("summary.json", "{", r"summary\.json: no JSON"),
        ("summary.json", "[1]", r"summary\.json: must be an object of facts, is list"),
        ("samples/0000001.png", "text", r"0000001\.png: no readable picture"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_old_page_stays(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    old = write_report(tmp_path).read_bytes()
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=message):
        write_report(tmp_path)
    assert (tmp_path / "index.html").read_bytes() == old
