"""`img2img evaluate images`, with Inception's weights drawn by chance."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from support.drawing import draw
from support.running import img2img, succeeded

from img2img.metrics import LPIPS
from img2img.metrics.lpips import FILES as LPIPS_FILES

FILES = LPIPS_FILES["alex"]
QUICK = ["--no-swd", "--no-prd"]


pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Four smooth pictures of two sizes, one of them grey; five of noise, one of them deeper down."""
    smooth, noisy = tmp_path / "smooth", tmp_path / "noisy"
    (smooth).mkdir()
    (noisy / "in").mkdir(parents=True)
    for number in range(4):
        picture = Image.fromarray(draw(number, 40, 40 + 8 * (number % 2)))
        (picture.convert("L") if number == 3 else picture).save(smooth / f"{number}.png")
    for number in range(5):
        noise = np.random.default_rng(number).integers(0, 256, (40, 40, 3), np.uint8)
        Image.fromarray(noise).save(noisy / ("in" if number == 4 else "") / f"{number}.png")
    return smooth, noisy


def evaluate(inception: Path, *arguments: object) -> Any:
    return img2img("evaluate", "images", *arguments, "--inception", inception, "--device", "cpu")


def comparison(inception: Path, *arguments: object) -> dict[str, Any]:
    (found,) = json.loads(succeeded(evaluate(inception, *arguments, "--json")).stdout)["comparisons"]
    return found  # type: ignore[no-any-return]


@pytest.mark.slow
def test_a_folder_and_itself_and_another(inception: Path, folders: tuple[Path, Path]) -> None:
    smooth, noisy = folders
    itself = comparison(inception, smooth, smooth)
    assert abs(itself["figures"]["fid"]) < 1e-3
    wanted = {"fid", "kid", "kid_deviation", "precision", "recall", "f8", "f1_8", "swd_16", "swd_32"}
    assert itself["figures"].keys() == wanted
    assert itself["figures"]["precision"] == itself["figures"]["recall"] == 1
    assert itself["figures"]["f8"] > 0.99 and len(itself["prd_curve"]["recall"]) == 101
    other = comparison(inception, noisy, smooth)
    assert other["figures"]["fid"] > 1 and other["figures"]["kid"] > itself["figures"]["kid"]
    assert other["protocol"]["pictures"] == 5 and other["protocol"]["resize"] == "clean"


def test_the_table_never_comes_without_its_protocol(inception: Path, folders: tuple[Path, Path]) -> None:
    smooth, noisy = folders
    result = succeeded(evaluate(inception, noisy, smooth, "--count", 4))
    for part in ("FID", "KID", "precision", "F1/8", "SWD x1000, 32 px", "N: 4 against 4", "antialiasing", "seed 0"):
        assert part in result.stdout
    assert "4 pictures where 10,000 are usual" in result.stderr and "order 1/N" in result.stderr
    assert "LPIPS-alex needs" in result.stderr and "diversity" not in result.stdout


@pytest.mark.slow
def test_the_reference_is_kept_by_its_content(inception: Path, folders: tuple[Path, Path], home: Path) -> None:
    smooth, noisy = folders
    first = comparison(inception, noisy, smooth, *QUICK)
    (kept,) = (home / "cache/sets").iterdir()
    again = evaluate(inception, noisy, smooth, *QUICK, "--json")
    assert f"as kept in {kept}" in succeeded(again).stderr
    assert json.loads(again.stdout)["comparisons"][0]["figures"] == first["figures"]


@pytest.mark.slow
def test_a_broken_picture_is_reported_and_the_rest_goes_on(
    inception: Path, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    """Diversity, which reads pictures again, does not stumble over it."""
    smooth, noisy = folders
    broken = noisy / "0.png"
    broken.write_bytes(broken.read_bytes()[:-200])
    network = LPIPS("alex")
    torch.save({f"features.{key}": value for key, value in network.features.state_dict().items()}, tmp_path / FILES[0])
    torch.save(
        {f"lin{n}.model.1.weight": line.weight.abs() for n, line in enumerate(network.linear)}, tmp_path / FILES[1]
    )
    diversity = ["--lpips-weights", tmp_path, "--pair-size", 32, "--pairs", 50]
    result = evaluate(inception, noisy, smooth, *QUICK, *diversity)
    assert result.exit_code == 1
    assert "0.png" in result.stderr and "1 of 9 pictures failed" in result.stderr
    assert "N: 4 against 4" in result.stdout
    assert "diversity, LPIPS-alex" in result.stdout and "middle squares at 32 px" in result.stdout


@pytest.mark.slow
def test_classes_are_sub_folders(inception: Path, folders: tuple[Path, Path], tmp_path: Path) -> None:
    """A set whose classes are swapped in the other is never told right."""
    smooth, noisy = folders
    for root, names in (("one", "ab"), ("other", "ba")):
        for name, folder in zip(names, (smooth, noisy), strict=True):
            (tmp_path / root / name).mkdir(parents=True)
            for file in ("0.png", "1.png"):
                shutil.copy(folder / file, tmp_path / root / name / file)
    swapped = comparison(inception, tmp_path / "one", tmp_path / "other", *QUICK, "--classes")
    assert swapped["figures"]["gan_train"] == swapped["figures"]["gan_test"] == 0
    assert "softmax regression" in swapped["protocol"]["in_words"]


@pytest.mark.slow
def test_the_inception_score_comes_with_the_class_layer(
    inception: Path, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    smooth, noisy = folders
    weights = torch.load(inception, weights_only=True)
    weights["fc.weight"] = torch.randn(1008, 2048, generator=torch.Generator().manual_seed(0)) / 45
    torch.save(weights, tmp_path / "classes.pth")
    for number in range(5):
        shutil.copy(noisy / "0.png", noisy / f"again{number}.png")
    found = comparison(tmp_path / "classes.pth", noisy, smooth, *QUICK)
    assert 1 <= found["figures"]["inception_score"] < 1008 and "10 parts" in found["protocol"]["in_words"]
    few = evaluate(tmp_path / "classes.pth", smooth, noisy, "--inception-score", "--lpips", "none")
    assert few.exit_code == 2 and "needs 10 pictures or more, and these are 4" in few.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "IMAGES: name a folder"),
        (["{smooth}"], "REFERENCE: name a folder"),
        (["{smooth}", "{smooth}/gone"], "no such folder"),
        (["{smooth}", "{empty}"], "no images there"),
        (
            ["{smooth}", "{noisy}", "--inception-score", "--lpips", "none"],
            "--inception-score needs weights with the class layer",
        ),
        (["{smooth}", "{noisy}", "--lpips", "alex"], "lpips_lin_alex.pth"),
        (["{smooth}", "{noisy}", "--classes"], "0.png: lies in no sub-folder"),
        (["{smooth}", "{noisy}", "--count", "3"], "4 of each or more are needed"),
        (["{smooth}", "{noisy}", "--count", "1"], "--count 1"),
    ],
)
def test_wrong_usage_is_one_line_before_any_work(
    inception: Path, folders: tuple[Path, Path], tmp_path: Path, options: list[str], said: str
) -> None:
    (tmp_path / "empty").mkdir()
    names = {"smooth": folders[0], "noisy": folders[1], "empty": tmp_path / "empty"}
    result = evaluate(inception, *(option.format(**names) for option in options))
    assert result.exit_code == 2 and said in result.stderr
    assert result.stdout == "" and len(result.stderr.splitlines()) == 1
