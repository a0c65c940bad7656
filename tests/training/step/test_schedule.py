"""Learning rates by the step alone: restarts and steps against their formulas."""

from __future__ import annotations

import math
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from img2img.config.toml import resolve
from img2img.config.train.munit import MunitConfig
from img2img.config.train.unit import UnitConfig
from img2img.training.step.schedule import rate_factor
from img2img.training.step.trainer import Trainer


@pytest.mark.parametrize("growth", [1.0, 2.0])
def test_restarts_are_half_cosines_each_growth_times_as_long(growth: float) -> None:
    total = 700 if growth == 2 else 300
    begins = [0, 100, 300, 700] if growth == 2 else [0, 100, 200, 300]
    for start, end in pairwise(begins):
        for step in (start, start + 1, (start + end) // 2, end - 1):
            expected = 0.5 * (1 + math.cos(math.pi * (step - start) / (end - start)))
            assert rate_factor("restarts", step, total, 0.5, 2, growth) == pytest.approx(expected, abs=1e-6)
    assert rate_factor("restarts", total, total, 0.5, 2, growth) == pytest.approx(0, abs=1e-6)


def test_one_stretch_is_the_cosine() -> None:
    for step in range(0, 101, 10):
        assert rate_factor("restarts", step, 100, 0.5, 0) == pytest.approx(rate_factor("cosine", step, 100, 0.5))


def test_a_step_every_so_often_halves_the_rate_again_and_again() -> None:
    """0.5^floor(step / 100), to the end and beyond it, wherever --decay-from lies."""
    for step, expected in {0: 1.0, 99: 1.0, 100: 0.5, 199: 0.5, 200: 0.25, 850: 2**-8, 1100: 2**-11}.items():
        assert rate_factor("step", step, 1000, 0.5, every=100, drop=0.5) == expected
    assert [rate_factor("step", step, 100, 0.5, drop=0.3) for step in (49, 50, 99)] == [1, 0.3, 0.3]
    assert rate_factor("linear", 75, 100, 0.5, every=10, drop=0.5) == 0.5, "other schedules have no steps"


@pytest.mark.parametrize("config", [UnitConfig, MunitConfig])
def test_units_and_munits_rates_in_the_papers_preset(config: type[UnitConfig | MunitConfig]) -> None:
    """1e-4, halved after every 100,000 of 1,000,000 steps; weights decay by 1e-4."""
    options = resolve(config, config.presets["paper"])
    assert options.optimisation.weight_decay == 1e-4
    trainer = trainer_of(options)
    for step, rate in {0: 1e-4, 99_999: 1e-4, 100_000: 5e-5, 250_000: 2.5e-5, 999_999: 1e-4 / 2**9}.items():
        trainer.step = step
        assert trainer.rates() == {"lr": pytest.approx(rate), "critic_lr": pytest.approx(rate)}


def trainer_of(options: UnitConfig | MunitConfig) -> Trainer:
    """Of a recipe without networks: rates are the trainer's alone."""
    recipe: Any = SimpleNamespace(
        generators=nn.ModuleDict(), adversaries={}, frozen=nn.ModuleDict(), task="translate", phase="", critic_steps=1
    )
    total = options.run.length(1)
    cpu = torch.device("cpu")
    return Trainer(recipe, nn.Identity(), options.optimisation, options.run, device=cpu, precision="fp32", total=total)


def test_a_plateau_by_the_step_alone_is_constant() -> None:
    assert {rate_factor("plateau", step, 100, 0.5) for step in (0, 50, 100)} == {1.0}
