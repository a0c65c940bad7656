"""What the options ask for is what a real run does and says."""

from __future__ import annotations

import json
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from support.running import succeeded, train
from torch import Tensor, nn

from img2img.recipes.pix2pix import Pix2pix
from img2img.training.folder.checkpoint import load_checkpoint
from img2img.weights.files import load, read_card


def apart(one: dict[str, Any], other: dict[str, Any]) -> float:
    """The largest difference of two states' weights."""
    tensors = [key for key, value in one.items() if isinstance(value, Tensor) and value.is_floating_point()]
    return max((one[key] - other[key]).abs().max().item() for key in tensors)


def test_the_critics_learn_at_their_own_rate(pairs: Path, tmp_path: Path) -> None:
    """Adam's first step moves a weight by its learning rate."""
    states = []
    for rate in (1e-9, 1e-2):
        out = tmp_path / f"{rate}"
        options = ["--pairs", pairs, "--steps", 1, "--schedule", "constant", "--lr", 1e-4, "--critic-lr", rate]
        succeeded(train("pix2pix", *options, out=out))
        states.append(load_checkpoint(out / "checkpoint.safetensors"))
    slow, fast = states
    assert apart(slow["adversaries"], fast["adversaries"]) == pytest.approx(1e-2, rel=1e-3)
    assert apart(slow["generators"], fast["generators"]) < 3e-4


def test_without_a_rate_of_their_own_the_critics_learn_at_the_generators(pairs: Path, tmp_path: Path) -> None:
    options = ["--pairs", pairs, "--steps", 2, "--schedule", "constant", "--lr", 3e-3, "--log-every", 1]
    succeeded(train("pix2pix", *options, out=tmp_path / "run"))
    assert [(line["lr"], line["critic_lr"]) for line in log(tmp_path / "run")] == [(3e-3, 3e-3)] * 2


def test_adaptive_augmentation_sets_in_where_the_critic_is_sure(pairs: Path, tmp_path: Path) -> None:
    """p moves at every fourth critic step, by the share of their pictures in 500,000."""
    options = ["--pairs", pairs, "--steps", 12, "--critic-augment", "adaptive", "--critic-lr", 0.01, "--batch-size", 2]
    succeeded(train("pix2pix", *options, "--log-every", 1, out=tmp_path / "run"))
    p = [line["augment_p"] for line in log(tmp_path / "run")]
    moves = [round((after - before) * 500_000 / (4 * 2), 3) for before, after in pairwise([0.0, *p])]
    assert (
        p[-1] > 0 and set(moves) <= {-1, 0, 1} and {number % 4 for number, move in enumerate(moves, 1) if move} == {0}
    )


@pytest.mark.parametrize(
    ("options", "images"),
    [
        (["--batch-size", 2], 4 * 2),
        (["--batch-size", 3, "--accumulate", 2], 4 * 3 * 2),
        (["--game", "wgan", "--critic-steps", 3], 4 * 3),
    ],
)
def test_the_card_says_how_many_pictures_were_seen(
    options: list[object], images: int, pairs: Path, tmp_path: Path
) -> None:
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 4, *options, out=tmp_path / "run"))
    card = read_card(tmp_path / "run/weights.safetensors")
    assert (card.steps, card.images_seen) == (4, images)


def test_what_is_saved_and_shown_is_the_moving_average(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown as it is applied, without dropout, and trained on with it."""
    shown: list[dict[str, Tensor]] = []
    trains: list[bool] = []
    show, terms = Pix2pix.show, Pix2pix.generator_terms

    def watched_show(self: Pix2pix, generators: nn.ModuleDict, batch: Any) -> Any:
        assert not any(part.training for part in generators.modules())
        shown.append({name: value.clone() for name, value in generators.state_dict().items()})
        return show(self, generators, batch)

    def watched_terms(self: Pix2pix, batch: Any, fakes: Any) -> Any:
        trains.append(all(part.training for part in self.generators.modules()))
        return terms(self, batch, fakes)

    monkeypatch.setattr(Pix2pix, "show", watched_show)
    monkeypatch.setattr(Pix2pix, "generator_terms", watched_terms)
    for ema in (0.9, 0):
        out = tmp_path / f"{ema}"
        succeeded(train("pix2pix", "--pairs", pairs, "--steps", 4, "--sample-every", 2, "--ema", ema, out=out))
        state, networks = load_checkpoint(out / "checkpoint.safetensors"), load(out / "weights.safetensors")[0]
        best = state["average" if ema else "generators"]
        assert apart(best, networks.state_dict()) == apart(best, shown[-1]) == 0
        assert (apart(state["generators"], best) > 0) == (ema > 0)
    assert trains and all(trains)


def test_a_line_of_the_log_has_the_means_since_the_one_before(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a term that is higher by 1 at each step, the trial steps among them."""
    steps = count(1)
    monkeypatch.setattr(
        Pix2pix, "generator_terms", lambda self, batch, fakes: {"l1": 0 * fakes["fake"].mean() + next(steps)}
    )
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 5, "--log-every", 2, out=tmp_path / "run"))
    lines = log(tmp_path / "run")
    assert [line["step"] for line in lines] == [2, 4, 5]
    first, second, third = (line["generator/l1"] for line in lines)
    assert (second - first, third - second) == (2.0, 1.5)


@pytest.mark.parametrize("moment", ["beta1", "beta2"])
def test_adams_decays_are_those_asked_for(moment: str, pairs: Path, tmp_path: Path) -> None:
    states = []
    for decay in (0.3, 0.6):
        options = ["--pairs", pairs, "--steps", 3, f"--{moment}", decay]
        succeeded(train("pix2pix", *options, out=tmp_path / f"{decay}"))
        states.append(load_checkpoint(tmp_path / f"{decay}/checkpoint.safetensors"))
    assert all(apart(*(state[players] for state in states)) > 1e-5 for players in ("generators", "adversaries"))


def log(out: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
