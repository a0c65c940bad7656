"""The shipped weights' tool: it begins, goes on, and goes on where only the shipped file is left."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
import torch
import typer
from safetensors.torch import load_file
from typer.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from train_weights import HOURS, hours, main
from weights_recipes import RECIPES

from img2img.config.srgan import SrganConfig
from img2img.config.toml import resolve
from img2img.training.checkpoint import load_checkpoint
from img2img.weights.files import read_card

app = typer.Typer()
app.command()(main)


def tool(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_a_valid_command(name: str) -> None:
    recipe = RECIPES[name]
    config = resolve(SrganConfig, SrganConfig.presets.get(recipe.preset or "", {}), recipe.sections)
    assert config.networks.generator_spec(3).scale == int(name.partition("-x")[2][0])
    if recipe.begins:
        first = RECIPES[recipe.begins]
        begun = resolve(SrganConfig, SrganConfig.presets.get(first.preset or "", {}), first.sections)
        assert begun.networks.generator_spec(3) == config.networks.generator_spec(3)


def test_three_sittings(domains, tmp_path: Path) -> None:
    runs, weights = tmp_path / "runs", tmp_path / "weights"
    shipped, checkpoint = weights / "rehearsal-x4.safetensors", runs / "rehearsal-x4/checkpoint.safetensors"
    places = ["rehearsal-x4", "--runs", runs, "--weights", weights, "--device", "cpu"]

    result = tool(*places, "--data", domains[0], "--steps", 2)
    assert result.exit_code == 0 and str(shipped) in result.stdout
    assert {tensor.dtype for tensor in load_file(shipped).values()} == {torch.float16}
    card = read_card(shipped)
    assert (card.task, card.steps, card.licence) == ("upscale", 2, "MIT") and card.figures[HOURS] >= 0
    assert card.networks["upscale"].scale == 4 and "bicubic degradation, 2 crops of 32 px" in card.note
    options = load_checkpoint(checkpoint)["config"]["optimisation"]

    assert tool(*places, "--steps", 3).exit_code == 0
    assert read_card(shipped).steps == load_checkpoint(checkpoint)["step"] == 3
    assert load_checkpoint(checkpoint)["config"]["optimisation"] == options, "a second sitting changes no option"

    shutil.rmtree(runs)
    before = load_file(shipped)
    assert tool(*places, "--data", domains[0], "--steps", 5).exit_code == 0
    assert load_checkpoint(checkpoint)["step"] == 2 and read_card(shipped).steps == 5
    kept = load_file(runs / "rehearsal-x4/rehearsal-x4.safetensors")
    assert all(torch.equal(before[key], kept[key]) for key in before)
    assert tool(*places, "--steps", 6).exit_code == 0
    assert read_card(shipped).steps == 6, "what came before the run counts once"


def test_hours_add_up_over_sittings(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    seconds = (100, 1800, 3600, 50, 1800, 0.5)
    log.write_text("".join(f'{{"step": {i}, "seconds": {s}}}\n' for i, s in enumerate(seconds)))
    assert abs(hours(log) - (3600 + 1800 + 0.5) / 3600) < 1e-9


def test_wrong_usage_is_one_line(tmp_path: Path) -> None:
    places = ["--runs", tmp_path / "runs", "--weights", tmp_path]
    unknown, without = tool("light-x5", *places), tool("light-x4", *places)
    assert unknown.exit_code == without.exit_code == 2
    assert "light-x5: no such weights" in unknown.output and "--data DIR" in without.output
    assert "light-x4" in tool().stdout
