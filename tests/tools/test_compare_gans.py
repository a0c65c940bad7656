"""The comparison of games: trials by the real commands, a table, a page; what was done is not done again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import typer
from PIL import Image
from support.running import img2img, succeeded
from support.standard_sets import write_idx
from typer.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import compare_gans
from compare_gans import COMPARED, Budget, Row, main, markdown, require_same_budget
from published_gans import PUBLISHED

from img2img.config.base import Refusal

app = typer.Typer()
app.command()(main)


@pytest.fixture
def calls(inception: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[object]]:
    """What is called of img2img, in this process, where it starts faster; and a tiny set in tmp_path/data."""
    monkeypatch.setenv("IMG2IMG_INCEPTION", str(inception))
    monkeypatch.setenv("IMG2IMG_HOME", str(tmp_path / "home"))
    write_idx(tmp_path / "data/MNIST/raw")
    made: list[list[object]] = []

    def here(*arguments: object) -> str:
        made.append([*arguments])
        return succeeded(img2img(*arguments)).stdout

    monkeypatch.setattr(compare_gans, "img2img", here)
    return made


def compare(folder: Path, *options: object) -> Result:
    fixed = ["--dataset", "mnist", "--root", folder / "data", "--out", folder / "out", "--count", 4, "--device", "cpu"]
    return CliRunner().invoke(app, [str(option) for option in (*fixed, *options)], catch_exceptions=False)


def test_trials_a_table_and_a_page(calls: list[list[object]], tmp_path: Path) -> None:
    asked = ["--games", "non-saturating,vae", "--seeds", 1, "--steps", 2]
    assert succeeded(compare(tmp_path, *asked)).stdout.strip() == str(tmp_path / "out/table.md")
    table = (tmp_path / "out/table.md").read_text()
    assert "mnist, 2 generator steps in precision auto, 4 samples" in table
    assert "N: 4 against 4" in table and "1711.10337" in table
    assert "| 6.8 ± 0.5 |\n" in table and "| vae | 1 | " in table and "| 23.8 ± 0.6 |\n" in table
    page = (tmp_path / "out/index.html").read_text()
    for name in ("non-saturating-0", "vae-0"):
        assert f'src="runs/{name}/sheet.png"' in page
        assert Image.open(tmp_path / f"out/runs/{name}/sheet.png").width > 8 * 64
    columns = Image.open(tmp_path / "out/games.png")
    assert columns.width == 4 + 2 * (84 + 4) and columns.height > 10 * (84 + 4)
    figures = json.loads((tmp_path / "out/runs/vae-0/figures.json").read_text())["comparisons"][0]["figures"]
    assert f"| vae | 1 | {figures['fid']:.1f} |" in table

    # a trial that was trained and not measured is only measured, the other one left alone
    (tmp_path / "out/runs/vae-0/figures.json").unlink()
    calls.clear()
    assert succeeded(compare(tmp_path, *asked)) and [call[0] for call in calls] == ["train", "sample", "evaluate"]
    assert calls[0][-1] == "--resume" and (tmp_path / "out/table.md").read_text() == table

    other = compare(tmp_path, *asked[:-1], 3)
    begun = 'was begun with {"dataset": "mnist", "steps": 2, "count": 4, "precision": "auto"}'
    assert other.exit_code == 2 and begun in other.output


def test_the_table_is_over_seeds() -> None:
    rows = [Row("wgan", [{"fid": 20.0, "kid": 0.01}, {"fid": 22.0, "kid": 0.03}], "21.5 ± 1.6")]
    assert markdown(rows).splitlines()[2] == "| wgan | 2 | 21.0 ± 1.4 | 0.0200 ± 0.0141 | 21.5 ± 1.6 |"


def test_a_folder_has_one_budget(tmp_path: Path) -> None:
    file = tmp_path / "out/budget.json"
    for _ in range(2):
        require_same_budget(Budget("mnist", None, 10), file)
    with pytest.raises(Refusal, match="name another folder"):
        require_same_budget(Budget("cifar10", None, 10), file)
    assert Budget("cifar10", None, 10).length == ("--epochs", 100)


def test_everything_compared_has_been_published_for_every_set() -> None:
    assert set(PUBLISHED) == set(COMPARED)


def test_an_unknown_game_is_one_line(tmp_path: Path) -> None:
    result = compare(tmp_path, "--games", "wgan,hinge")
    assert result.exit_code == 2 and "--games hinge: the study has minimax," in result.output
    assert not (tmp_path / "out").exists()


def test_a_command_that_fails_ends_this_one(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        compare_gans.img2img("evaluate", "gan")
    assert ended.value.exit_code == 2 and "--model FILE" in capfd.readouterr().err
