"""`img2img evaluate gan`, with Inception's weights drawn by chance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from support.drawing import write_pictures
from support.running import img2img, succeeded
from support.samplers import write_generator
from support.standard_sets import write_idx

from img2img.metrics import LPIPS
from img2img.metrics.lpips import FILES as LPIPS_FILES

DIGITS = tuple(
    f"{value} - {name}"
    for value, name in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
)
QUICK = ["--no-swd", "--no-prd", "--no-precision-recall"]


pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_generator(tmp_path / "plain.safetensors")


@pytest.fixture
def classed(tmp_path: Path) -> Path:
    return write_generator(tmp_path / "classed.safetensors", ("bag", "hat"))


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """Two pictures of each of two classes."""
    names = ("bag/1.png", "bag/2.png", "hat/1.png", "hat/2.png")
    return write_pictures(tmp_path / "truth", {name: (32, 36, 3) for name in names})


def evaluate(inception: Path, *arguments: object) -> Any:
    return img2img("evaluate", "gan", *arguments, "--inception", inception, "--device", "cpu")


def comparison(inception: Path, *arguments: object) -> dict[str, Any]:
    (found,) = json.loads(succeeded(evaluate(inception, *arguments, "--json")).stdout)["comparisons"]
    return found  # type: ignore[no-any-return]


@pytest.mark.slow
@pytest.mark.parametrize("truncation", [[], ["--truncation", 0.3]])
def test_the_figures_are_those_of_what_the_command_draws(
    inception: Path, model: Path, real: Path, tmp_path: Path, truncation: list[object]
) -> None:
    """Of its files, beside the reference."""
    drawn = ["--model", model, "--seed", 3, *truncation]
    found = comparison(inception, *drawn, "--reference", real, "--count", 5)
    files = tmp_path / "files"
    succeeded(img2img("sample", *drawn, "-n", 5, "-o", files, "--device", "cpu"))
    call = [
        "evaluate",
        "images",
        files,
        real,
        "--seed",
        3,
        "--inception",
        inception,
        "--json",
        "--device",
        "cpu",
    ]
    (apart,) = json.loads(succeeded(img2img(*call)).stdout)["comparisons"]
    assert found["figures"].keys() == apart["figures"].keys()
    assert found["figures"]["fid"] == pytest.approx(apart["figures"]["fid"], rel=1e-3)
    assert found["figures"]["swd_32"] == pytest.approx(apart["figures"]["swd_32"], rel=1e-3)
    assert (found["protocol"]["pictures"], found["protocol"]["reference"]) == (5, 4)
    assert ("samples 3 to 7" + (", truncation 0.3" if truncation else "")) in found["protocol"]["in_words"]


@pytest.mark.slow
def test_samples_against_themselves_and_as_many_as_the_reference(inception: Path, model: Path, tmp_path: Path) -> None:
    succeeded(img2img("sample", "--model", model, "-n", 6, "-o", tmp_path / "own", "--device", "cpu"))
    own = comparison(inception, "--model", model, "--reference", tmp_path / "own", *QUICK)
    other = comparison(inception, "--model", model, "--reference", tmp_path / "own", *QUICK, "--seed", 50)
    assert own["protocol"]["pictures"] == own["protocol"]["reference"] == 6
    assert abs(own["figures"]["fid"]) < 1e-2 < other["figures"]["fid"]


@pytest.mark.slow
def test_the_test_half_of_a_standard_set(inception: Path, tmp_path: Path, home: Path) -> None:
    """With a generator of its classes; GAN-train and GAN-test want samples of each."""
    write_idx(tmp_path / "data/MNIST/raw")
    model = write_generator(tmp_path / "digits.safetensors", DIGITS)
    asked = ["--model", model, "--dataset", "mnist", "--root", tmp_path / "data", *QUICK]
    found = comparison(inception, *asked)
    assert found["name"].endswith("against mnist, test half") and found["protocol"]["reference"] == 10
    assert {"gan_train", "gan_test"} <= found["figures"].keys()
    again = evaluate(inception, *asked, "--reference-count", 10, "--count", 4)
    assert "GAN-train" not in again.stdout and "N: 4 against 10" in again.stdout
    (kept,) = (home / "cache/sets").iterdir()
    assert f"mnist, test half: 10 pictures, as kept in {kept}" in succeeded(again).stderr
    refused = evaluate(inception, *asked, "--reference-count", 7, "--classes")
    assert refused.exit_code == 2 and "the same in both" in refused.stderr


@pytest.mark.slow
def test_classes_are_measured_where_both_have_the_same(
    inception: Path, model: Path, classed: Path, real: Path, tmp_path: Path
) -> None:
    both = comparison(inception, "--model", classed, "--reference", real, *QUICK)
    assert 0 <= both["figures"]["gan_train"] <= 100 and "2 classes in turn" in both["protocol"]["in_words"]
    other = write_generator(tmp_path / "other.safetensors", ("bag", "shoe"))
    for weights, said in ((other, "the same in both"), (model, "has no classes")):
        refused = evaluate(inception, "--model", weights, "--reference", real, *QUICK, "--classes")
        assert refused.exit_code == 2 and said in refused.stderr
    assert "gan_train" not in comparison(inception, "--model", other, "--reference", real, *QUICK)["figures"]
    off = comparison(inception, "--model", classed, "--reference", real, *QUICK, "--no-classes")
    assert "gan_train" not in off["figures"]


@pytest.mark.slow
def test_the_length_of_paths(inception: Path, classed: Path, real: Path, tmp_path: Path) -> None:
    asked = ["--model", classed, "--reference", real, *QUICK, "--path-length", 3, "--lpips", "none"]
    refused = evaluate(inception, *asked)
    assert refused.exit_code == 2 and "LPIPS-vgg needs" in refused.stderr
    weights, lines = LPIPS_FILES["vgg"]
    network = LPIPS("vgg")
    torch.save({f"features.{key}": value for key, value in network.features.state_dict().items()}, tmp_path / weights)
    torch.save({f"lin{n}.model.1.weight": line.weight.abs() for n, line in enumerate(network.linear)}, tmp_path / lines)
    found = comparison(inception, *asked, "--lpips-weights", tmp_path)
    assert found["figures"]["path_length"] > 0 and "3 paths" in found["protocol"]["in_words"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--model FILE"),
        (["--model", "{model}"], "--reference DIR or by --dataset NAME"),
        (["--model", "{model}", "--reference", "{real}", "--dataset", "mnist"], "not both"),
        (["--model", "nothing", "--reference", "{real}"], "neither a file"),
        (["--model", "{model}", "--reference", "{real}/gone"], "no such folder"),
        (["--model", "{model}", "--reference", "{real}", "--count", "3"], "4 of each or more are needed"),
        (
            ["--model", "{model}", "--reference", "{real}", "--reference-count", "2"],
            "4 of each or more are needed",
        ),
    ],
)
def test_wrong_usage_is_one_line_before_any_work(
    inception: Path, model: Path, real: Path, options: list[str], said: str
) -> None:
    result = evaluate(inception, *(option.format(model=model, real=real) for option in options))
    assert result.exit_code == 2 and said in result.stderr
    assert result.stdout == "" and len(result.stderr.splitlines()) == 1
