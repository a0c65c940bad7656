"""Looks at held-out pictures: the figure is that of the weights, the best ones are kept, a resumed run goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from support.drawing import draw
from support.playing import INPAINT, SRGAN, Play
from support.running import img2img, succeeded, train

from img2img.images import to_pixels, to_samples
from img2img.metrics.psnr import psnr
from img2img.networks import apply_mode
from img2img.recipes.shared.compared import Compared, Measured
from img2img.training import validation
from img2img.training.folder.checkpoint import load_checkpoint
from img2img.training.validation import Figure, Validation
from img2img.weights.files import load, read_card

BEST, NEWEST = "weights-best.safetensors", "weights.safetensors"


@pytest.fixture
def parted(tmp_path: Path) -> Path:
    """Side-by-side pairs of 32 px: four to train on, three held out."""
    root = tmp_path / "parted"
    for part, count in (("train", 4), ("val", 3)):
        (root / part).mkdir(parents=True)
        for index in range(count):
            picture = draw(index + 50 * (part == "val"))[:32, :32]
            Image.fromarray(np.concatenate([picture, 255 - picture], axis=1)).save(root / part / f"{index}.png")
    return root


def lines(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def psnr_of(weights: Path, pictures: Path) -> float:
    """Mean over the held-out pairs, from the files alone."""
    (network,) = load(weights)[0].values()
    apply_mode(network)
    found = []
    for path in sorted(pictures.glob("*.png")):
        whole = np.asarray(Image.open(path))
        given, wanted = to_pixels(whole[:, :32]), to_pixels(whole[:, 32:])
        with torch.no_grad():
            made = to_pixels(to_samples(network(given[None])[0], 8))
        found.append(psnr(made, wanted, channels="rgb").item())
    return sum(found) / len(found)


def test_the_figure_is_that_of_the_weights_and_the_best_are_kept(parted: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    options = ["--pairs", parted, "--steps", 9, "--validate-every", 2, "--log-every", 4, "--lr", 0.01, "--ema", 0.5]
    said = succeeded(train("pix2pix", *options, out=run)).stderr
    figures = {line["step"]: line["validation/psnr"] for line in lines(run) if "validation/psnr" in line}
    assert list(figures) == [2, 4, 6, 8, 9]
    best = max(figures, key=lambda step: figures[step])
    assert read_card(run / BEST).steps == best and read_card(run / NEWEST).steps == 9
    assert psnr_of(run / BEST, parted / "val") == pytest.approx(figures[best], abs=1e-3)
    assert psnr_of(run / NEWEST, parted / "val") == pytest.approx(figures[9], abs=1e-3)
    assert "no pictures are held out" not in said and f"best:    {run / BEST}, psnr" in said
    facts = json.loads((run / "summary.json").read_text())
    assert facts["best"] == f"psnr {figures[best]:.4g} at step {best}"


def test_looking_changes_nothing_and_a_resumed_run_has_the_same_best(parted: Path, tmp_path: Path) -> None:
    options = ["--pairs", parted, "--steps", 6, "--lr", 0.01, "--ema", 0]
    looks = [*options, "--validate-every", 2, "--save-every", 3, "--schedule", "plateau", "--patience", 1]
    whole, parts, blind = tmp_path / "whole", tmp_path / "parts", tmp_path / "blind"
    succeeded(train("pix2pix", *looks, out=whole))
    succeeded(train("pix2pix", *looks, "--time-limit", "0s", out=parts))
    succeeded(img2img("train", "pix2pix", "--out", parts, "--resume", "--device", "cpu"))
    one, other = (load_checkpoint(run / "checkpoint.safetensors") for run in (whole, parts))
    assert one["validation"] == other["validation"] and one["validation"]["step"] in (2, 4, 6)
    assert one["plateau"] == other["plateau"] and one["plateau"]["best"] == -one["validation"]["best"]
    for run in (whole, parts):
        assert read_card(run / BEST).steps == one["validation"]["step"]
    assert [line.get("validation/psnr") for line in lines(whole)] == [
        line.get("validation/psnr") for line in lines(parts)
    ]
    # Without looks, and the rate that they did not lower, the weights are the same.
    succeeded(train("pix2pix", *options, "--schedule", "constant", out=blind))
    unseen = load_checkpoint(blind / "checkpoint.safetensors")
    same = all(torch.equal(value, unseen["generators"][name]) for name, value in one["generators"].items())
    assert same == (one["plateau"]["factor"] == 1.0)


@pytest.mark.parametrize("play", [SRGAN, INPAINT], ids=["srgan", "inpaint"])
def test_what_is_made_is_compared_with_the_whole_picture(play: Play) -> None:
    recipe, batch = play.made(), play.batch()
    assert isinstance(recipe, Measured) and recipe.compares == "pairs"
    with torch.no_grad():
        (pair,) = recipe.compared(recipe.generators.eval(), batch)
    assert torch.equal(pair.real, batch["high"]) and pair.made.shape == pair.real.shape
    if "mask" in batch:
        known = batch["mask"].expand_as(pair.made) == 0
        assert torch.equal(pair.made[known], pair.real[known]) and not torch.equal(pair.made, pair.real)


SETS = {
    "gan": ["--network", "infogan", "--size", 16],
    "gan that grows": ["--network", "progressive", "--size", 16, "--game", "wgan-gp", "--critic-steps", 1],
    "gan in a chain": ["--network", "lapgan", "--size", 16],
    "vae": ["--size", 32],
    "cut": ["--blocks", 1, "--nce-patches", 16],
    "unit": ["--blocks", 1, "--critics", 1],
    "munit": ["--blocks", 1, "--critics", 1, "--dense", 8, "--encoder-width", 4],
    "stargan": ["--blocks", 1, "--critic-steps", 1],
}


def data_of(recipe: str, domains: tuple[Path, Path]) -> list[object]:
    """Where its pictures are."""
    if recipe in ("cut", "unit", "munit"):
        return ["--a", domains[0], "--b", domains[1]]
    return ["--images", domains[0].parent if recipe == "stargan" else domains[0]]


class Noting(Figure):
    """Better at every look; notes what it is given in each."""

    def __init__(self, noted: list[list[Compared]]) -> None:
        self.noted = noted
        self.batches: list[list[Compared]] = []

    def add(self, compared: Any) -> None:
        self.batches.append(list(compared))

    def value(self) -> float:
        self.noted.append(
            [
                Compared(torch.cat([pair.made for pair in same]), torch.cat([pair.real for pair in same]))
                for same in zip(*self.batches, strict=True)
            ]
        )
        self.batches = []
        return 1 / len(self.noted)


class Brightness(Noting):
    """The mean of what was made."""

    def value(self) -> float:
        super().value()
        return sum(float(pair.made.mean()) for pair in self.noted[-1])


@pytest.mark.parametrize("name", SETS)
def test_sets_are_gathered_from_every_held_out_picture(
    name: str, domains: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[list[Compared]] = []
    monkeypatch.setattr(validation, "_figure", lambda figure, run, trainer: Noting(noted))
    recipe, run = name.split()[0], tmp_path / "run"
    tiny = ["--size", 32, "--width", 4, "--critic-width", 4] if recipe != "vae" else ["--width", 4]
    options = [*tiny, "--workers", 0, "--device", "cpu", "--no-tensorboard", "--samples", 2, "--batch-size", 2]
    looks = ["--steps", 2, "--validate-every", 1, "--out", run]
    succeeded(img2img("train", recipe, *data_of(recipe, domains), *options, *SETS[name], *looks))
    assert len(noted) == 2 and read_card(run / BEST).steps == 2
    first, second = noted
    assert len(first) == len(second) == (2 if recipe in ("unit", "munit", "stargan") else 1)
    for pair in first + second:
        assert len(pair.made) == len(pair.real) == 6 and pair.made.shape == pair.real.shape
        assert pair.made.abs().max() <= 1 and not torch.equal(pair.made, pair.real)
    assert all(torch.equal(one.real, other.real) for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize("recipe", ["bicyclegan", "unit", "munit", "stargan"])
def test_a_resumed_translator_finds_the_same_figures(
    recipe: str, domains: tuple[Path, Path], parted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "_figure", lambda figure, run, trainer: Brightness([]))
    data = ["--pairs", parted] if recipe == "bicyclegan" else data_of(recipe, domains)
    small = ["--encoder-width", 4] if recipe == "bicyclegan" else SETS[recipe]
    options = [*data, *small, "--steps", 5, "--validate-every", 2, "--lr", 0.01, "--batch-size", 2, "--ema", 0.5]
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    succeeded(train(recipe, *options, out=whole))
    succeeded(train(recipe, *options, "--time-limit", "0s", out=parts))
    succeeded(img2img("train", recipe, "--out", parts, "--resume", "--device", "cpu"))
    name = "validation/psnr" if recipe == "bicyclegan" else "validation/kid"
    figures, again = ({line["step"]: line.get(name) for line in lines(run) if name in line} for run in (whole, parts))
    assert figures == again and list(figures) == [2, 4, 5] and len(set(figures.values())) == 3
    best = (max if recipe == "bicyclegan" else min)(figures, key=lambda step: figures[step])
    assert read_card(whole / BEST).steps == read_card(parts / BEST).steps == best
    one, other = (load(run / BEST)[0] for run in (whole, parts))
    for network, same in other.items():
        torch.testing.assert_close(one[network].state_dict(), same.state_dict(), rtol=0, atol=0)


@pytest.mark.parametrize("recipe", ["cyclegan", "stargan"])
def test_sets_are_compared_by_the_features_of_a_file(
    recipe: str, domains: tuple[Path, Path], inception: Path, tmp_path: Path
) -> None:
    run, (a, b) = tmp_path / "run", domains
    data = data_of(recipe, domains) if recipe == "stargan" else ["--a", a, "--b", b]
    options = [*data, "--steps", 1, "--validate-every", 1, "--blocks", 1, "--batch-size", 1]
    options += ["--validate-pictures", 8 if recipe == "stargan" else 4, "--validate-weights", inception]
    said = succeeded(train(recipe, *options, out=run)).stderr
    (line,) = lines(run)
    assert np.isfinite(line["validation/kid"]) and read_card(run / BEST).steps == 1
    assert "no pictures are held out" in said


@pytest.mark.parametrize(
    ("recipe", "options", "complaint"),
    [
        ("cyclegan", [], "--validate-by kid needs Inception's weights: name the file with --validate-weights or"),
        ("cyclegan", ["--validate-by", "psnr"], "--validate-by psnr: train cyclegan has no pairs to compare"),
        (
            "pix2pix",
            ["--validate-by", "lpips"],
            "--validate-by lpips needs LPIPS's lpips_lin_alex.pth (no folder given)",
        ),
        ("unit", ["--validate-by", "lpips"], "--validate-by lpips: train unit has no pairs to compare"),
        (
            "stargan",
            ["--validate-pictures", 7],
            "--validate-by kid: needs 4 held-out pictures or more of each domain; there are 3",
        ),
    ],
)
def test_what_cannot_be_measured_is_one_line_before_the_run(
    recipe: str, options: list[object], complaint: str, domains: Any, pairs: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    for variable in ("IMG2IMG_LPIPS", "IMG2IMG_INCEPTION"):
        monkeypatch.delenv(variable, raising=False)
    data = ["--pairs", pairs] if recipe == "pix2pix" else ["--a", domains[0], "--b", domains[1]]
    data = data_of(recipe, domains) if recipe == "stargan" else data
    result = train(recipe, *data, *options, "--validate-every", 1, "--steps", 1, out=tmp_path / "run")
    assert result.exit_code == 2 and complaint in result.stderr
    assert not (tmp_path / "run" / "checkpoint.safetensors").exists()


def test_the_best_of_another_figure_is_no_best() -> None:
    class Nothing:
        ranks = None

    looks = Validation(Nothing(), {}, "psnr", None)  # type: ignore[arg-type]
    looks.load_state_dict({"name": "lpips", "best": 0.1, "step": 5})
    assert looks.best is None and str(looks) == ""
    looks.load_state_dict({"name": "psnr", "best": 20.5, "step": 5})
    assert str(looks) == "psnr 20.5 at step 5"
