"""The shipped weights' tool: it begins, goes on, and goes on where only the shipped file is left."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import typer
from safetensors.torch import load_file
from support.upscalers import write_weights
from typer.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from train_weights import HOURS, hours, main, measured
from weights_recipes import RECIPES, Recipe
from weights_ways import Measure

from img2img.config.toml import resolve
from img2img.config.train.inpaint import InpaintConfig
from img2img.training.folder.checkpoint import load_checkpoint
from img2img.weights.files import load, read_card

app = typer.Typer()
app.command()(main)


def tool(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def resolved(recipe: Recipe) -> Any:
    kind = recipe.way.kind.config
    return resolve(kind, kind.presets.get(recipe.preset or "", {}), recipe.sections)


def generator(config: Any) -> Any:
    return config.networks.generator_spec(*([config.data.size] if config.__class__ is InpaintConfig else []), 3)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_a_valid_command(name: str) -> None:
    recipe = RECIPES[name]
    config = resolved(recipe)
    spec = generator(config)
    assert getattr(spec, "scale", None) == (int(name.partition("-x")[2][0]) if "-x" in name else None)
    assert config.networks.critic_spec(3)
    if recipe.begins:
        begun = generator(resolved(RECIPES[recipe.begins]))
        own = {name: getattr(spec, name) for name in ("scale", "head") if hasattr(spec, name)}
        assert begun.model_copy(update=own) == spec, "the same body"


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


def test_an_inpainter_is_made_likewise(domains, tmp_path: Path) -> None:
    runs, weights = tmp_path / "runs", tmp_path / "weights"
    shipped = weights / "rehearsal-inpaint.safetensors"
    places = ["rehearsal-inpaint", "--runs", runs, "--weights", weights, "--device", "cpu"]
    result = tool(*places, "--data", domains[0], "--steps", 2)
    assert result.exit_code == 0 and str(shipped) in result.stdout
    card = read_card(shipped)
    assert (card.task, card.steps, card.networks["inpaint"].size) == ("inpaint", 2, 32)
    assert "holes (1 in the mask) of strokes" in card.note and "1 l1 in the hole, 1 outside of it" in card.note
    assert tool(*places, "--steps", 3).exit_code == 0 and read_card(shipped).steps == 3
    shutil.rmtree(runs)
    assert tool(*places, "--data", domains[0], "--steps", 4).exit_code == 0
    assert load_checkpoint(runs / "rehearsal-inpaint/checkpoint.safetensors")["step"] == 1
    assert read_card(shipped).steps == 4


def test_weights_of_another_network_are_not_gone_on_with(domains, monkeypatch, tmp_path: Path) -> None:
    runs, weights = tmp_path / "runs", tmp_path / "weights"
    places = ["rehearsal-x4", "--runs", runs, "--weights", weights, "--device", "cpu", "--data", domains[0]]
    assert tool(*places, "--steps", 2).exit_code == 0
    shutil.rmtree(runs)
    rehearsal = RECIPES["rehearsal-x4"]
    sections = rehearsal.sections | {"networks": rehearsal.sections["networks"] | {"head": "steps"}}
    monkeypatch.setitem(RECIPES, "rehearsal-x4", replace(rehearsal, sections=sections))
    assert tool(*places, "--steps", 3).exit_code == 0
    assert read_card(weights / "rehearsal-x4.safetensors").steps == 3, "all its own"


def test_every_so_manieth_photo_is_kept_out_and_a_teacher_is_named(domains, tmp_path: Path) -> None:
    teacher = write_weights(tmp_path / "teacher.safetensors", scale=4)
    runs, weights = tmp_path / "runs", tmp_path / "weights"
    places = ["rehearsal-x4", "--runs", runs, "--weights", weights, "--device", "cpu", "--data", domains[0]]
    taught = [
        "--teacher",
        teacher,
        "--teacher-folder",
        tmp_path / "kept",
        "--teacher-licence",
        "BSD-3-Clause",
        "--teacher-pictures",
        2,
    ]
    result = tool(*places, *taught, "--steps", 2, "--hold-out", 3)
    assert result.exit_code == 0
    photos = runs / "rehearsal-x4/photos"
    assert sorted(path.name for path in (photos / "train").iterdir()) == ["0.png", "1.png", "3.png", "4.png"]
    assert sorted(path.name for path in (photos / "val").iterdir()) == ["2.png", "5.png"]
    card = read_card(weights / "rehearsal-x4.safetensors")
    assert "(4 pictures)" in card.data and card.teachers == ("teacher.safetensors (BSD-3-Clause)",)
    assert "against a teacher's pictures in 0.5 of them" in card.note


def test_a_critic_is_shipped_and_begun_with(domains, vgg19, monkeypatch, tmp_path: Path) -> None:
    networks = {"generator": "light", "width": 8, "blocks": 1, "critic": "patch", "critic_width": 8, "critic_layers": 1}
    sections = {
        "data": {"size": 32, "workers": 0},
        "networks": networks,
        "objective": {"perceptual_layers": "relu1_1", "vgg19": vgg19},
        "optimisation": {"batch_size": 2, "pretrain_steps": 1},
        "run": {"steps": 4, "samples": 1, "tensorboard": False},
    }
    monkeypatch.setitem(RECIPES, "tiny-x4", Recipe("a test", sections))
    runs, weights = tmp_path / "runs", tmp_path / "weights"
    places = ["tiny-x4", "--runs", runs, "--weights", weights, "--device", "cpu", "--data", domains[0]]
    assert tool(*places).exit_code == 0
    kept = load_checkpoint(weights / "training/tiny-x4.safetensors")
    trained = load_checkpoint(runs / "tiny-x4/checkpoint.safetensors")
    critic = {name: value for name, value in trained["adversaries"].items() if isinstance(value, torch.Tensor)}
    assert all(torch.allclose(kept["adversaries"][name].float(), value, rtol=1e-3) for name, value in critic.items())
    shutil.rmtree(runs)
    assert tool(*places, "--steps", 5).exit_code == 0
    state = load_checkpoint(runs / "tiny-x4/checkpoint.safetensors")
    assert state["step"] == 1 and state["adversaries"]["high._extra_state"]["steps"] == 4, "three of them before"
    assert all(kept["step"] == 5 for kept in state["players"]["generators"]["optimiser"]["state"].values())


def test_what_is_measured_lies_in_the_benchmarks(tmp_path: Path) -> None:
    for folder in ("set/HR_x4", "set/LR_x4", "set/HR_x2", "city/whole", "city/masks", "land/whole"):
        (tmp_path / folder).mkdir(parents=True)

    def asked(name: str) -> dict[str, list[str]]:
        measures = RECIPES[name].way.measures(resolved(RECIPES[name]), tmp_path)
        return {measure.name: measure.arguments for measure in measures}

    high, whole = tmp_path / "set/HR_x4", tmp_path / "city/whole"
    assert asked("light-x4") == {"set x4": ["sr", "--reference", str(high), "--low", str(tmp_path / "set/LR_x4")]}
    assert asked("light-x2") == {"set x2": ["sr", "--reference", str(tmp_path / "set/HR_x2")]}
    assert asked("photo-inpaint") == {
        "city": ["inpaint", "--reference", str(whole), "--mask", str(tmp_path / "city/masks")],
        "land": ["inpaint", "--reference", str(tmp_path / "land/whole")],
    }


def test_figures_bear_the_names_of_their_parts(monkeypatch, tmp_path: Path) -> None:
    told = {
        "pictures": 3,
        "mean": {"psnr": 20.12346},
        "small": {"psnr": None, "pictures": 1},
        "all": {"psnr": 20.12346, "pictures": 3},
        "protocol": {"in_words": f"holes: {tmp_path / 'city' / 'masks'}, white"},
    }
    called: list[list[str]] = []

    def run(command: list[str], **settings: object) -> subprocess.CompletedProcess[str]:
        called.append(command)
        return subprocess.CompletedProcess(command, 0, stdout=json.dumps(told))

    monkeypatch.setattr(subprocess, "run", run)
    asked = ["inpaint", "--mask", str(tmp_path / "city" / "masks")]
    figures, protocol = measured(tmp_path / "w", [Measure("city", asked)])
    assert figures == {"city psnr": 20.1235, "city small pictures": 1}, "what a part of all pictures has is the mean"
    assert protocol == "holes: masks, white", "a folder of one's own is no one else's business"
    assert called[0][3:] == ["evaluate", *asked, "--model", str(tmp_path / "w"), "--json"]


def test_protocols_that_differ_are_all_told(monkeypatch, tmp_path: Path) -> None:
    protocols = {"Set5": "without a border", "Set14": "without a border", "drawn": "whole"}

    def run(command: list[str], **settings: object) -> subprocess.CompletedProcess[str]:
        told = {"pictures": 1, "mean": {"psnr": 20.0}, "protocol": {"in_words": protocols[command[4]]}}
        return subprocess.CompletedProcess(command, 0, stdout=json.dumps(told))

    monkeypatch.setattr(subprocess, "run", run)

    def protocol(*names: str) -> str:
        return measured(tmp_path / "w", [Measure(name, [name]) for name in names])[1]

    assert protocol() == ""
    assert protocol("Set5", "Set14") == "without a border"
    assert protocol("Set5", "drawn", "Set14") == "Set5, Set14: without a border; drawn: whole"


def test_a_sitting_is_taken_in_part(domains, tmp_path: Path) -> None:
    runs, weights = tmp_path / "runs", tmp_path / "weights"
    shipped = weights / "rehearsal-x4.safetensors"
    places = ["rehearsal-x4", "--runs", runs, "--weights", weights, "--device", "cpu"]
    refused = tool(*places, "--data", domains[0], "--steps", 2, "--take", 0.5)
    assert refused.exit_code == 2 and "nothing to mix in" in refused.output and not runs.exists()
    assert tool(*places, "--data", domains[0], "--steps", 2).exit_code == 0
    assert tool(*places, "--take", 0.5).exit_code == 2, "this run began with nothing"

    before, _ = load(shipped)
    shutil.rmtree(runs)
    assert tool(*places, "--data", domains[0], "--steps", 4, "--take", 0.25).exit_code == 0
    after, card = load(shipped)
    new, _ = load(runs / "rehearsal-x4/weights.safetensors")
    pairs = zip(before["upscale"].parameters(), new["upscale"].parameters(), strict=True)
    for mixed, (old, trained) in zip(after["upscale"].parameters(), pairs, strict=True):
        torch.testing.assert_close(mixed, old + 0.25 * (trained - old), atol=1e-3, rtol=1e-3)
    assert card.steps == 4 and "Taken by 0.25, the rest as before the last 2 steps." in card.note
    assert tool(*places, "--take", 1).exit_code == 0
    whole, _ = load(shipped)
    torch.testing.assert_close(whole["upscale"].state_dict(), new["upscale"].state_dict(), atol=1e-3, rtol=1e-3)


def test_what_a_run_left_that_saved_nothing_does_not_count(domains, tmp_path: Path) -> None:
    runs, weights = tmp_path / "runs", tmp_path / "weights"
    shipped, left = weights / "rehearsal-x4.safetensors", runs / "rehearsal-x4/rehearsal-x4.safetensors"
    places = ["rehearsal-x4", "--runs", runs, "--weights", weights, "--device", "cpu", "--data", domains[0]]
    assert tool(*places, "--steps", 3).exit_code == 0
    shutil.rmtree(runs)
    left.parent.mkdir(parents=True)
    shipped.rename(left)
    assert tool(*places, "--steps", 2).exit_code == 0
    assert read_card(shipped).steps == 2


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
