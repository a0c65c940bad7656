"""`img2img evaluate inpaint`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.drawing import draw
from support.inpainters import box, write_inpainter
from support.running import img2img, succeeded

pytestmark = pytest.mark.usefixtures("home")


def figures(*arguments: object) -> dict[str, Any]:
    result = succeeded(img2img("evaluate", "inpaint", *arguments, "--json", "--device", "cpu"))
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_same_seed_is_the_same_holes_for_whatever_fills(truth: Path, tmp_path: Path) -> None:
    call = ["--reference", truth, "--per-image", "--seed", 3]
    telea, again = (figures(*call, "--method", "telea") for _ in range(2))
    assert telea == again and list(telea["images"]) == ["1", "2", "in/3"]
    network = figures(*call, "--model", write_inpainter(tmp_path / "w.safetensors"))
    for name, row in telea["images"].items():
        assert row["hole"] == network["images"][name]["hole"]
        assert row["hole_psnr"] < row["psnr"], "outside of the hole nothing differs"
    assert telea["mean"]["hole_psnr"] != network["mean"]["hole_psnr"]
    other = figures("--reference", truth, "--per-image", "--seed", 4, "--method", "telea")
    assert other["images"]["1"]["hole"] != telea["images"]["1"]["hole"]
    assert "drawn with seed 3" in telea["protocol"]["in_words"]


def test_the_figures_are_those_of_what_the_command_writes(truth: Path, tmp_path: Path) -> None:
    Image.fromarray(box(40, 48, (5, 20, 5, 20)) * 255).save(tmp_path / "hole.png")
    (tmp_path / "one").mkdir()
    (truth / "1.png").rename(tmp_path / "one/1.png")
    asked = ["--reference", tmp_path / "one", "--mask", tmp_path / "hole.png"]
    measured = figures(*asked, "--method", "telea")
    fill = [tmp_path / "one", "--mask", tmp_path / "hole.png", "--method", "telea", "-o", tmp_path / "out"]
    succeeded(img2img("inpaint", *fill))
    assert figures(*asked, "--images", tmp_path / "out") == measured
    assert measured["mean"]["hole"] == pytest.approx(15 * 15 / (40 * 48)) and measured["small"]["pictures"] == 1
    assert "large" not in measured


def test_a_mask_for_each(truth: Path, tmp_path: Path) -> None:
    for number, name in enumerate(("1", "2", "in/3")):
        path = tmp_path / f"masks/{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        hole = box(40 + number, 48, (0, 5 * (number + 1), 0, 48))
        Image.fromarray((1 - hole) * np.uint8(255)).save(path)
    call = ["--reference", truth, "--method", "telea", "--mask", tmp_path / "masks", "--hole", "black", "--per-image"]
    shares = [row["hole"] for row in figures(*call)["images"].values()]
    assert shares == pytest.approx([5 / 40, 10 / 41, 15 / 42])


def test_the_table_fits_a_terminal_and_has_its_protocol(truth: Path) -> None:
    result = succeeded(img2img("evaluate", "inpaint", "--reference", truth, "--method", "telea", "--seed", 1))
    assert "mean of 3" in result.stdout and "holes: drawn with seed 1" in result.stdout
    assert "…" not in result.stdout and "LPIPS-alex needs lpips_lin_alex.pth" in result.stderr


@pytest.mark.slow
def test_all_pictures_as_a_set(inception: Path, truth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their FID is that of the two folders, whatever the size of the batches."""
    Image.fromarray(draw(7, 52, 44, 3)).save(truth / "4.png")
    for name in ("1", "2", "in/3", "4"):
        with Image.open(truth / f"{name}.png") as picture:
            hole = box(picture.height, picture.width, (5, 30, 5, 30)) * np.uint8(255)
        (tmp_path / f"masks/{name}.png").parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(hole).save(tmp_path / f"masks/{name}.png")
    asked = ["--reference", truth, "--mask", tmp_path / "masks", "--method", "telea", "--inception", inception]
    found = figures(*asked, "--fid", "--batch-size", 3)
    assert found["protocol"]["sets"]["pictures"] == 4 and "N: 4 against 4" in found["protocol"]["in_words"]
    succeeded(img2img("inpaint", truth, "--mask", tmp_path / "masks", "--method", "telea", "-o", tmp_path / "out"))
    only = ["--no-cache", "--no-prd", "--no-swd", "--no-precision-recall", "--inception", inception, "--json"]
    folders = img2img("evaluate", "images", tmp_path / "out", truth, *only, "--device", "cpu")
    (apart,) = json.loads(succeeded(folders).stdout)["comparisons"]
    assert found["as_a_set"] == pytest.approx(apart["figures"], rel=1e-3) and found["as_a_set"]["fid"] > 0
    told = succeeded(img2img("evaluate", "inpaint", *asked, "--fid", "--device", "cpu"))
    assert "all as a set: FID" in told.stdout and "order 1/N" in told.stderr
    few = figures(*asked)
    assert "as_a_set" not in few and few["protocol"]["sets"] == "4 pictures, and under 100 only --fid measures it"
    monkeypatch.setattr("img2img.metrics.hole_sets.USUAL", 4)
    assert figures(*asked)["as_a_set"].keys() == {"fid", "kid", "kid_deviation"}


def test_a_broken_picture_is_reported_and_the_others_keep_their_holes(truth: Path) -> None:
    call = ["--reference", truth, "--method", "telea", "--per-image", "--json"]
    before = json.loads(succeeded(img2img("evaluate", "inpaint", *call)).stdout)["images"]["2"]
    (truth / "1.png").write_bytes(b"no picture")
    result = img2img("evaluate", "inpaint", *call)
    assert result.exit_code == 1 and "1 of 3 pictures failed" in result.stderr
    assert json.loads(result.stdout)["images"]["2"] == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--reference DIR"),
        (["--reference", "{truth}"], "one of --images DIR, --model NAME and --method NAME"),
        (["--reference", "{truth}", "--images", "{truth}", "--model", "x"], "one of --images DIR"),
        (["--reference", "{truth}", "--method", "telea", "--model", "x"], "--method telea takes no --model"),
        (["--reference", "{truth}", "--images", "{truth}"], "--images wants the masks"),
        (["--reference", "{truth}", "--model", "nothing"], "neither a file"),
        (["--reference", "{truth}", "--method", "telea", "--mask", "{truth}/in"], "1, 2"),
        (["--reference", "{truth}", "--method", "telea", "--masks", "holes"], "is no kind of hole"),
        (["--reference", "{truth}", "--method", "telea", "--fid", "--lpips", "none"], "4 of each or more are needed"),
    ],
)
def test_wrong_usage_is_one_line_before_any_work(truth: Path, options: list[str], said: str) -> None:
    result = img2img("evaluate", "inpaint", *(option.format(truth=truth) for option in options))
    assert result.exit_code == 2 and said in result.stderr
    assert result.stdout == "" and len(result.stderr.splitlines()) == 1
