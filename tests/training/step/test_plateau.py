"""The schedule that goes by a figure: when it looks, when it lowers the rate, what a checkpoint has of it."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import torch
from support.playing import SRGAN

from img2img.config.base import Refusal
from img2img.config.sections.run import Optimisation
from img2img.training.step.plateau import Plateau


def plateau(**options: Any) -> Plateau:
    return Plateau(Optimisation(schedule="plateau", plateau_of="generator/l1", **options))


def same(value: torch.Tensor) -> torch.Tensor:
    return value


def test_it_lowers_the_rate_after_so_many_looks_without_a_better_figure() -> None:
    one = plateau(patience=2, plateau_factor=0.1)
    factors = []
    for figure in (3.0, 2.0, 2.5, 1.9, 1.9, math.nan, 1.95, 2.0, 1.0):
        one.look(figure)
        factors.append(round(one.factor, 6))
    assert factors == [1, 1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01]
    assert one.best == 1.0


def test_it_looks_at_the_mean_since_the_last_look() -> None:
    one = plateau(plateau_every=3, patience=1)
    for step, loss in enumerate((4.0, 2.0, 6.0, 1.0, 1.0, 1.0), start=1):
        one.hear({"generator/l1": torch.tensor(loss)}, step, same)
        assert one.best == (math.inf if step < 3 else 4.0 if step < 6 else 1.0)


def test_half_way_between_looks_it_goes_on_the_same() -> None:
    losses = torch.rand(40, generator=torch.Generator().manual_seed(0)).tolist()
    one, other = (plateau(plateau_every=4, patience=1) for _ in range(2))
    for step, loss in enumerate(losses, start=1):
        one.hear({"generator/l1": torch.tensor(loss)}, step, same)
        other.hear({"generator/l1": torch.tensor(loss)}, step, same)
        kept = json.loads(json.dumps(other.state_dict(same)))
        other = plateau(plateau_every=4, patience=1)
        other.load_state_dict(kept)
    assert (one.factor, one.best, one.waited) == (other.factor, other.best, other.waited) and one.factor < 1


def test_a_loss_that_there_is_not_is_told_at_the_first_step() -> None:
    one = plateau()
    with pytest.raises(
        Refusal, match="--plateau-of generator/l1: no such loss; there are: critic/real, generator/fool"
    ):
        one.hear({"generator/fool": torch.tensor(1.0), "critic/real": torch.tensor(1.0)}, 1, same)


def test_a_phase_begins_anew() -> None:
    one = plateau(patience=1)
    one.enter("first")
    one.look(1.0)
    one.look(2.0)
    one.enter("first")
    assert one.factor == 0.5
    one.enter("second")
    assert (one.factor, one.best) == (1.0, math.inf)


def test_the_trainer_steps_with_the_lowered_rate() -> None:
    options = {
        "schedule": "plateau",
        "plateau_of": "generator/fool",
        "plateau_every": 1,
        "lr": 1e-3,
        "pretrain_steps": 0,
    }
    run = SRGAN.trainer(8, optimisation={**options, "patience": 1})
    rates = []
    batches = run.batches(SRGAN)
    for _ in range(8):
        run.take_step(batches)
        rates.append(run.rates()["lr"])
        assert run.generators.optimiser.param_groups[0]["lr"] == (rates[-2] if len(rates) > 1 else 1e-3)
    assert rates[-1] < 1e-3 and all(rate in (1e-3 * 0.5**number for number in range(8)) for rate in rates)
    with pytest.raises(Refusal, match="--schedule plateau watches"):
        SRGAN.trainer(8, optimisation={"schedule": "plateau"})
