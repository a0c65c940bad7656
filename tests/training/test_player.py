"""A player takes back its optimiser's state, and nothing with which the next step would fail."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import nn

from img2img.config.sections.run import Optimisation
from img2img.training.player import Player
from img2img.training.ranks import Ranks


def player(**options: Any) -> Player:
    torch.manual_seed(0)
    device = torch.device("cpu")
    settings = Optimisation(**options)
    return Player(
        nn.Conv2d(1, 2, 3),
        0.1,
        settings,
        optimiser=settings.optimiser,
        device=device,
        precision="fp32",
        ranks=Ranks(),
    )


def take_step(one: Player) -> None:
    one.take_turn(player())
    one.pay({"loss": one.networks(torch.ones(1, 1, 4, 4)).square().mean()}, 1.0)
    one.step(1.0)


@pytest.mark.parametrize("optimiser", ["adam", "rmsprop", "sgd"])
def test_the_next_step_is_the_same(optimiser: str) -> None:
    one, other = player(optimiser=optimiser), player(optimiser=optimiser)
    take_step(one)
    other.networks.load_state_dict(one.networks.state_dict())
    other.load_state_dict(deepcopy(one.state_dict()))
    take_step(one)
    take_step(other)
    assert all(torch.equal(a, b) for a, b in zip(one.weights, other.weights, strict=True))


def test_settings_that_a_resumed_run_changes_count() -> None:
    """torch's optimisers bring their settings back with their state."""
    one, other = player(beta1=0.5), player(beta1=0.9, beta2=0.99)
    take_step(one)
    other.load_state_dict(one.state_dict())
    assert other.optimiser.param_groups[0]["betas"] == (0.9, 0.99)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda state: state[0].pop("exp_avg"),
        lambda state: state[0].update(exp_avg=torch.zeros(3)),
        lambda state: state[1].update(step=[]),
        lambda state: state[0].update(exp_avg_sq=None),
        lambda state: state[0].update(step=torch.ones(2, 1, 3, 3)),
        lambda state: state.update({0: {}}),
        lambda state: state.update({7: {"step": 1}}),
    ],
)
def test_another_state_is_refused_before_a_step_fails(spoil: Callable[[Any], Any]) -> None:
    one = player()
    take_step(one)
    state = one.state_dict()
    spoil(state["optimiser"]["state"])
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        player().load_state_dict(state)
