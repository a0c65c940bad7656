"""The papers' plain code: parameters as published, steps that learn, and rows beside ours."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import papers_steps
from bench_train import PLAIN, SUBJECTS, Shape, Timed, bench, chosen_variants, row_of
from papers_networks import patch_critic, resnet, srgan_critic, srresnet, unet

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("network", "parameters"),
    [
        (lambda: resnet(9), 11_378_179),
        (lambda: resnet(6), 7_837_699),
        (lambda: unet(8), 54_413_955),
        (lambda: unet(7), 41_828_995),
        (lambda: patch_critic(3, nn.InstanceNorm2d), 2_764_737),
        (lambda: patch_critic(6, nn.BatchNorm2d), 2_768_705),
        (srresnet, 1_549_462),
    ],
)
def test_networks_have_the_parameters_that_are_published(network, parameters) -> None:
    with torch.device("meta"):
        assert sum(weight.numel() for weight in network().parameters()) == parameters


def test_an_upscaler_and_its_critic_fit_each_other() -> None:
    with torch.device("meta"):
        high = srresnet(blocks=1, width=4)(torch.empty(2, 3, 24, 24))
        assert high.shape == (2, 3, 96, 96) and srgan_critic(96, width=4)(high).shape == (2, 1)


@pytest.mark.parametrize("name", ["pix2pix", "cyclegan", "srresnet"])
def test_a_plain_step_moves_every_weight_of_every_player(name: str) -> None:
    torch.manual_seed(0)
    shape = Shape(size=32, width=4)
    step = SUBJECTS[name].plain(CPU, shape)
    players = [value for value in vars(step).values() if isinstance(value, torch.optim.Optimizer)]
    weights = [weight for player in players for group in player.param_groups for weight in group["params"]]
    assert len(players) == (1 if name == "srresnet" else 2) and not any(group["foreach"] for group in
                                                                       players[0].param_groups)  # fmt: skip
    before = [weight.detach().clone() for weight in weights]
    step.take(SUBJECTS[name].batch(shape, CPU))
    # A bias before a norm of the picture's own statistics has no slope but that of rounding.
    still = [
        one
        for one, other in zip(weights, before, strict=True)
        if one.grad is None or (one.ndim > 1 and one.equal(other))
    ]
    assert not still


def test_a_pool_shows_old_fakes_in_half_of_the_cases() -> None:
    papers_steps.random.seed(0)
    pool = papers_steps.Pool(2)
    shown = [int(pool.shown(torch.full((1, 1, 1, 1), float(number))).item()) for number in range(200)]
    assert shown[:2] == [0, 1]
    old = sum(number != place for place, number in enumerate(shown))
    assert 70 < old < 130


def test_rows_stand_beside_the_plain_code() -> None:
    rows = bench("srresnet", Shape(size=32, width=4), ["fp32", "bf16"], CPU, 0.0, 2, chosen_variants("default", False))
    ours = "default: all but compile"
    assert [(row["variant"], row["precision"]) for row in rows] == [(PLAIN, "fp32"), (ours, "fp32"), (ours, "bf16")]
    assert rows[0]["ratio"] == 1 and all(row["seconds_lowest"] <= row["seconds"] for row in rows)


def test_a_ratio_is_that_of_each_round() -> None:
    first, other = (Timed(name, "fp32", lambda: None, CPU) for name in ("first", "other"))
    first.seconds, other.seconds = [1.0, 4.0, 3.0], [2.0, 1.0, 1.0]
    row = row_of(other, first)
    assert (row["ratio"], row["ratio_lowest"], row["ratio_highest"], row["rounds"]) == (3.0, 0.5, 4.0, 3)
    assert (row["seconds"], row["seconds_highest"]) == (1.0, 2.0)
