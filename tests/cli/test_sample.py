"""`img2img sample`: grids, files, strips, films, sums, neighbours; what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from support.running import img2img, succeeded
from support.samplers import write_generator

from img2img.apply.sample.sampler import open_sampler


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_generator(tmp_path_factory.mktemp("plain") / "plain.safetensors")


@pytest.fixture(scope="module")
def classed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_generator(tmp_path_factory.mktemp("classed") / "classed.safetensors", ("hat", "bag"), channels=3)


def draw(model: Path, *options: object) -> str:
    """What the command says on stdout: the path of what it wrote."""
    return succeeded(img2img("sample", "--model", model, "--device", "cpu", *options)).stdout.strip()


def pixels(path: Path | str) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_a_grid_beside_the_weights(plain: Path) -> None:
    path = draw(plain, "-n", 9)
    assert path == str(plain.with_name("plain.samples.png"))
    assert Image.open(path).size == (2 + 3 * 86, 2 + 3 * 86)  # 28 px three times as large, 2 px apart


def test_a_sample_is_the_same_in_a_file_and_on_a_grid(plain: Path, tmp_path: Path) -> None:
    assert draw(plain, "-n", 3, "--seed", 7, "-o", tmp_path / "each") == str(tmp_path / "each")
    files = sorted((tmp_path / "each").iterdir())
    assert [file.name for file in files] == ["000007.png", "000008.png", "000009.png"]
    draw(plain, "-n", 1, "--seed", 8, "--zoom", 1, "-o", tmp_path / "one.png")
    assert np.abs(pixels(tmp_path / "one.png")[2:30, 2:30].astype(int) - pixels(files[1]).astype(int)).max() <= 1


def test_truncation_changes_the_samples(plain: Path, tmp_path: Path) -> None:
    draw(plain, "-n", 4, "-o", tmp_path / "a.png")
    draw(plain, "-n", 4, "--truncation", 0.1, "-o", tmp_path / "b.png")
    whole, middle = (pixels(tmp_path / name).astype(float) for name in ("a.png", "b.png"))
    first, second = middle[2:86, 2:86], middle[2:86, 88:172]
    assert np.abs(first - second).mean() < np.abs(whole[2:86, 2:86] - whole[2:86, 88:172]).mean()


def test_classes_stand_in_columns(classed: Path, tmp_path: Path) -> None:
    draw(classed, "-n", 6, "--zoom", 1, "-o", tmp_path / "all.png")
    assert Image.open(tmp_path / "all.png").size == (2 + 2 * 30, 2 + 3 * 30)
    draw(classed, "-n", 2, "--classes", "bag", "--zoom", 1, "-o", tmp_path / "bags.png")
    bags = pixels(tmp_path / "bags.png")[32:60, 2:30].astype(int)  # sample 1, which is a bag on the first sheet, too
    assert np.abs(bags - pixels(tmp_path / "all.png")[2:30, 32:60].astype(int)).max() <= 1


def test_a_strip_and_a_film(plain: Path, tmp_path: Path) -> None:
    draw(plain, "--between", "3,8", "--frames", 4, "--zoom", 1, "-o", tmp_path / "strip.png")
    assert Image.open(tmp_path / "strip.png").size == (2 + 5 * 30, 2 + 30)
    draw(plain, "--between", "3,8,9", "--frames", 4, "--zoom", 1, "-o", tmp_path / "strips.png")
    strips = pixels(tmp_path / "strips.png").astype(int)
    assert strips.shape == (2 + 2 * 30, 2 + 5 * 30)
    assert np.abs(strips[2:30, 122:150] - strips[32:60, 2:30]).max() <= 1  # 8 ends one row and begins the next
    draw(plain, "--between", "3, 8,9", "--frames", 4, "--along", "linear", "-o", tmp_path / "film.webp")
    film = Image.open(tmp_path / "film.webp")
    assert film.n_frames == 12 and film.size == (84, 84)


def test_a_sum_stands_beside_its_parts(classed: Path, tmp_path: Path) -> None:
    draw(classed, "--sum", "3-8+8", "--zoom", 1, "-o", tmp_path / "sum.png")
    sheet = pixels(tmp_path / "sum.png").astype(int)
    assert sheet.shape == (32, 2 + 4 * 30, 3)
    assert np.abs(sheet[2:30, 2:30] - sheet[2:30, 92:120]).max() <= 1  # 3 - 8 + 8 is 3


def test_a_row_for_each_sample_with_every_value_of_a_code(tmp_path: Path) -> None:
    weights = write_generator(tmp_path / "codes.safetensors", categorical=(4,), continuous=1)
    draw(weights, "-n", 2, "--traverse", 1, "--zoom", 1, "-o", tmp_path / "first.png")
    draw(weights, "-n", 2, "--traverse", 2, "--frames", 3, "--zoom", 1, "-o", tmp_path / "second.png")
    assert Image.open(tmp_path / "first.png").size == (2 + 4 * 30, 2 + 2 * 30)
    assert Image.open(tmp_path / "second.png").size == (2 + 3 * 30, 2 + 2 * 30)


@pytest.mark.parametrize("by", ["pixels", "features"])
def test_neighbours_of_a_sample_that_is_in_the_data(by: str, classed: Path, inception: Path, tmp_path: Path) -> None:
    draw(classed, "-n", 4, "-o", tmp_path / "data")
    asked = ["--neighbours", 2, "--neighbours-by", by, "--inception", inception, "--images", tmp_path / "data"]
    draw(classed, "-n", 4, *asked, "--zoom", 1, "-o", tmp_path / "near.png")
    sheet = pixels(tmp_path / "near.png").astype(int)
    assert sheet.shape == (2 + 4 * 30, 2 + 3 * 30, 3)
    for row in range(4):
        top = 2 + 30 * row
        assert np.abs(sheet[top : top + 28, 2:30] - sheet[top : top + 28, 32:60]).max() <= 1


def test_its_card_says_what_it_draws_from(classed: Path) -> None:
    said = succeeded(img2img("weights", "info", classed)).stdout
    assert "distribution='normal', noise=6" in said and "classes: hat, bag" in said


@pytest.mark.slow
def test_an_exported_generator_draws_what_sample_draws(classed: Path, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime", reason="the extra `onnx` is not installed")
    pytest.importorskip("onnxscript", reason="the extra `onnx` is not installed")
    path = succeeded(img2img("weights", "export", classed, "--onnx", "-o", tmp_path / "draw.onnx")).stdout.strip()
    sampler = open_sampler(str(classed), torch.device("cpu"))
    latents, labels = sampler.latents([3, 4, 5]), torch.tensor([1, 0, 1])
    session = onnxruntime.InferenceSession(path)
    (drawn,) = session.run(["output"], {"latent": latents.numpy(), "label": labels.numpy()})
    assert np.abs(drawn - sampler.pictures(latents, labels).numpy()).max() < 1e-4


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--between", "3"], "--between takes two numbers"),
        (["--between", "a,b"], "--between a,b: write numbers"),
        (["--sum", "3"], "--sum 3: write numbers"),
        (["--sum", "3-4", "--between", "3,4"], "one at a time"),
        (["--traverse", 1], "--traverse 1: allowed: none"),
        (["--neighbours", 1], "--images DIR or --dataset NAME"),
        (["--neighbours", 1, "--neighbours-by", "features", "--images", ".", "--inception", "none.pth"], "none.pth"),
        (["--truncation", 0], "--truncation 0: must be above 0"),
        (["--classes", "hat"], "has no classes"),
        (["-o", "x.gif"], "ends in .gif; allowed"),
        (["--model", "nowhere"], "nowhere: neither a file"),
    ],
)
def test_what_is_refused_is_one_line(options: list[object], complaint: str, plain: Path) -> None:
    result = img2img("sample", "--model", plain, "--device", "cpu", "-n", 1, *options)
    lines = result.stderr.strip().splitlines()
    assert result.exit_code == 2 and len(lines) == 1 and complaint in lines[0]
