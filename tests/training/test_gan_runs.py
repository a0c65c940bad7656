"""`img2img train gan` by every network, game and preset, with tiny networks: what a run leaves, and that it resumes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image
from support.drawing import draw
from support.running import QUIET, img2img, succeeded
from typer.testing import Result

from img2img.adversarial import GAMES
from img2img.config.networks.pairs import NetworkName
from img2img.config.sections.objective import GameName
from img2img.config.train.gan import GanConfig
from img2img.config.train.gan_presets import NETWORK_PRESETS
from img2img.config.train.gan_settings import BY_GAME, STUDY
from img2img.training.folder.checkpoint import load_checkpoint
from img2img.weights.files import read_card

TINY = ["--width", 2, "--critic-width", 2, "--workers", 0, "--device", "cpu", "--batch-size", 2, *QUIET]


def train_gan(*options: object, out: Path) -> Result:
    """`img2img train gan` with networks of a few hundred parameters, 28 px."""
    given = {str(option) for option in options}
    size = [] if "--size" in given else ["--size", 28]
    return img2img("train", "gan", *TINY, *size, "--out", out, *options)


@pytest.mark.parametrize("network", get_args(NetworkName))
def test_twenty_steps_of_every_network(network: str, domains, tmp_path) -> None:
    out = tmp_path / "run"
    options = ["--network", network, "--images", domains[0], "--size", 32, "--steps", 20, "--samples", 4]
    said = succeeded(train_gan(*options, out=out)).stderr
    assert "finished at step 20 of 20" in said
    card = read_card(out / "weights.safetensors")
    (generator,) = card.networks.values()
    assert (card.task, card.recipe, card.game) == ("sample", "gan", "non-saturating")
    assert generator.prior is not None and generator.prior.distribution == "normal"
    assert card.data.startswith("horses (6 pictures), 32 px")
    first, last = (Image.open(out / f"samples/{step:08d}.png") for step in (0, 20))
    assert first.size == last.size and first.tobytes() != last.tobytes()
    drawn = ["sample", "--model", out, "-n", 4, "--zoom", 1, "--truncation", 0.5, "--device", "cpu"]
    assert Image.open(succeeded(img2img(*drawn)).stdout.strip()).size == (2 + 2 * 34, 2 + 2 * 34)


@pytest.mark.parametrize("game", get_args(GameName))
def test_every_game_runs_by_its_own_settings(game: str, domains, tmp_path) -> None:
    out = tmp_path / "run"
    options = ["--network", "infogan", "--images", domains[0], "--game", game, "--steps", 2]
    succeeded(train_gan(*options, out=out))
    config = load_checkpoint(out / "checkpoint.safetensors")["config"]
    flat = {name: value for section in config.values() for name, value in section.items()}
    given = {"batch_size", "width", "critic_width"}
    settings = {name: value for name, value in BY_GAME[game].items() if name not in given}  # type: ignore[index]
    assert {name: flat[name] for name in settings} == settings
    if GAMES[game].penalties:
        assert flat["critic_norm"] not in (None, "batch")


@pytest.mark.parametrize("game", STUDY)
def test_the_study_by_game(game: str, domains, tmp_path) -> None:
    out = tmp_path / "run"
    succeeded(train_gan("--preset", "study", "--game", game, "--images", domains[0], "--steps", 1, out=out))
    config = load_checkpoint(out / "checkpoint.safetensors")["config"]
    assert config["networks"]["network"] == "infogan" and config["networks"]["prior"] == "uniform"
    assert config["optimisation"]["lr"] == STUDY[game].get("lr", 1e-4) and config["optimisation"]["ema"] == 0


def test_the_quick_preset(domains, tmp_path) -> None:
    said = succeeded(train_gan("--preset", "quick", "--images", domains[0], "--steps", 20, out=tmp_path / "run")).stderr
    assert "finished at step 20 of 20" in said


@pytest.mark.parametrize("preset", NETWORK_PRESETS)
def test_every_networks_preset(preset: str, domains, tmp_path) -> None:
    out = tmp_path / "run"
    said = succeeded(train_gan("--preset", preset, "--images", domains[0], "--size", 16, "--steps", 3, out=out)).stderr
    assert "finished at step 3 of 3" in said
    config = load_checkpoint(out / "checkpoint.safetensors")["config"]
    asked = {"batch_size", "size", "steps"}
    for section, options in NETWORK_PRESETS[preset].items():
        assert {name: config[section][name] for name in options if name not in asked} == {
            name: value for name, value in options.items() if name not in asked
        }


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two classes, three pictures each."""
    root = tmp_path_factory.mktemp("classes")
    for name in ("day", "night"):
        (root / name).mkdir()
        for index in range(3):
            picture = draw(index)
            Image.fromarray(255 - picture if name == "night" else picture).save(root / name / f"{index}.png")
    return root


@pytest.mark.parametrize("condition", ["input", "projection", "auxiliary"])
@pytest.mark.parametrize("network", get_args(NetworkName))
def test_every_network_can_be_told_the_class(network: str, condition: str, classes, tmp_path) -> None:
    out = tmp_path / "run"
    options = ["--network", network, "--condition", condition, "--images", classes, "--steps", 1, "--size", 32]
    succeeded(train_gan(*options, out=out))
    (generator,) = read_card(out / "weights.safetensors").networks.values()
    assert generator.classes == ("day", "night") and generator.spec.classes == 2  # type: ignore[union-attr]
    drawn = succeeded(img2img("sample", "--model", out, "-n", 4, "--classes", "night", "--device", "cpu"))
    assert Image.open(drawn.stdout.strip()).width > 32


def test_the_critic_names_classes_and_reads_codes(classes, tmp_path) -> None:
    named, read = tmp_path / "named", tmp_path / "read"
    infogan = ["--network", "infogan", "--images", classes, "--steps", 2, "--log-every", 1]
    succeeded(train_gan(*infogan, "--condition", "auxiliary", out=named))
    succeeded(train_gan(*infogan, "--categorical", "3,2", "--continuous", 1, out=read))
    lines = [json.loads((out / "log.jsonl").read_text().splitlines()[0]) for out in (named, read)]
    assert {"critic/read_real", "critic/read_fake", "generator/read"} <= lines[0].keys()
    assert {"critic/read_fake", "generator/read"} <= lines[1].keys() and "critic/read_real" not in lines[1]
    (generator,) = read_card(read / "weights.safetensors").networks.values()
    assert generator.prior is not None and generator.prior.size == 64 + 3 + 2 + 1 == generator.spec.latent  # type: ignore[union-attr]


N = 3
STATEFUL = {
    "began's k": ["--network", "infogan", "--game", "began", "--critic-steps", 2],
    "batch norm on both sides, a pool, the moving average": ["--network", "dcgan", "--pool", 3, "--ema", 0.9],
    "spectral norm, critic steps, a linear schedule": ["--network", "infogan", "--game", "hinge"],
    "codes, a pool and unlike heads": ["--network", "dcgan", "--categorical", 3, "--continuous", 1, "--pool", 2],
    "dropout and a penalty": ["--network", "mlp", "--game", "wgan-gp"],
    "spectral norm in both, attention": ["--network", "sagan", "--size", 16, "--game", "hinge", "--critic-steps", 1],
    "noise, mixing, the mean style": ["--network", "stylegan", "--size", 16, "--game", "r1", "--path-length", 2],
    "several critics": ["--network", "lapgan", "--size", 16],
    "flips, noise between layers, statistics of the batch": [
        *("--network", "infogan", "--label-flip", 0.2, "--layer-noise", 0.1, "--minibatch", "discrimination")
    ],
    "growing": ["--network", "progressive", "--size", 16, "--game", "wgan-gp", "--critic-norm", "none"],
}


@pytest.mark.parametrize("name", STATEFUL)
def test_a_resumed_run_is_the_uninterrupted_one(name: str, domains, tmp_path) -> None:
    options = [*STATEFUL[name], "--images", domains[0], "--save-every", N]
    whole, parts = tmp_path / "whole/run", tmp_path / "parts/run"
    succeeded(train_gan(*options, "--steps", 2 * N, out=whole))
    stopped = train_gan(*options, "--steps", 2 * N, "--time-limit", "0s", out=parts)
    assert stopped.exit_code == 0 and "time limit at step 1" in stopped.stderr
    succeeded(img2img("train", "gan", "--out", parts, "--resume", "--device", "cpu"))
    one, other = (load_checkpoint(out / "checkpoint.safetensors") for out in (whole, parts))
    assert one["step"] == other["step"] == 2 * N
    assert same(one["generators"], other["generators"]) and same(one["adversaries"], other["adversaries"])
    assert same(one["players"], other["players"]) and same(one["pools"], other["pools"])
    for step in (0, 2 * N):  # each session draws the sheet's latents anew
        assert len({(out / f"samples/{step:08d}.png").read_bytes() for out in (whole, parts)}) == 1


def same(one: object, other: object) -> bool:
    """Nested states with equal numbers and tensors."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool((one == other).all()) if hasattr(one, "all") else one == other  # type: ignore[attr-defined]


def test_options_that_do_not_go_together_are_one_line(domains, tmp_path) -> None:
    for options, complaint in (
        (["--game", "wgan-gp", "--critic-norm", "batch"], "batch norm cannot have a gradient penalty"),
        (["--size", 48], "--size 48: input should be 28, 32, 64 or 128"),
        (["--network", "infogan", "--size", 30], "--size 30: input should be a multiple of 4"),
        (["--preset", "study", "--game", "hinge"], "--preset study --game hinge: the study has minimax,"),
        (["--critic", "autoencoder"], "--critic autoencoder: began and ebgan play"),
        (["--game", "ebgan", "--critic", "dcgan"], "--critic dcgan: began and ebgan play"),
        (["--game", "began", "--minibatch", "std"], "--minibatch std: not with the autoencoder"),
        (["--game", "hinge", "--label-flip", 0.1], "--label-flip swaps labels, and this game has none"),
        (["--game", "began", "--critic-norm", "batch"], "--critic-norm batch: the autoencoder critic has none"),
        (["--dataset", "mnist"], "not both"),
        (["--game", "hinge", "--margin", 1], "this game has no margin; ebgan has one"),
        (["--game", "ebgan", "--diversity", 0.5], "this game has no balance of energies; began has one"),
        (["--network", "stylegan", "--size", 48], "--size 48: input should be 8, 16, 32, 64, 128 or 256"),
        (["--network", "stylegan", "--size", 16, "--critic-norm", "batch"], "--critic-norm batch: input should be"),
        (["--network", "dcgan", "--path-length", 2], "--path-length 2: goes with --network stylegan"),
        (["--network", "lapgan", "--size", 32, "--latent", 2], "--size 32: its chain has 3 links"),
        (["--condition", "input"], "--condition input: the pictures of horses have no classes"),
        (["--categorical", "1"], "--categorical 1: write numbers of values"),
        (["--game", "began", "--continuous", 1], "not with the autoencoder"),
    ):
        result = train_gan("--images", domains[0], "--steps", 1, *options, out=tmp_path / "run")
        errors = [line for line in result.stderr.splitlines() if line.startswith("error")]
        assert result.exit_code == 2 and len(errors) == 1 and complaint in errors[0], result.stderr
    assert not (tmp_path / "run").exists()


def test_settings_yield_to_what_is_asked_for() -> None:
    base = GanConfig.starting_point(None, {"objective": {"game": "wgan-gp"}, "data": {"dataset": "cifar10"}})
    assert base["networks"]["critic_norm"] == "layer" and base["data"]["size"] == 32
    study = GanConfig.starting_point("study", {"objective": {"game": "wgan-gp"}})
    assert study["networks"]["critic_norm"] == "none" and study["optimisation"]["lr"] == 1e-4
    assert study["run"]["epochs"] == 20
    told = {"condition": "projection"}
    assert GanConfig.starting_point(None, {"networks": told})["networks"]["critic_norm"] == "spectral"
    networks = {"network": "stylegan", **told}
    other = GanConfig.starting_point(None, {"networks": networks, "objective": {"game": "hinge"}})
    assert "critic_norm" not in other["networks"]  # stylegan's critic has no spectral norm
    cifar = GanConfig.starting_point("study", {"data": {"dataset": "cifar10"}})
    assert cifar["run"]["epochs"] == 100 and cifar["data"]["size"] == 32


def test_every_game_has_its_settings() -> None:
    assert set(BY_GAME) == set(get_args(GameName)) >= set(STUDY)
