"""A player takes back its optimiser's state, and nothing with which the next step would fail."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from img2img.config.sections.run import Optimisation
from img2img.training.ranks import Ranks
from img2img.training.step.player import Player


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


def test_steps_without_gradients_are_counted() -> None:
    """A ReLU that is never above zero lets nothing through, in a network that goes on being stepped."""
    one = player()
    take_step(one)
    assert one.idle_steps == 0
    for expected in (1, 2):
        one.take_turn(player())
        one.pay({"loss": (one.networks(torch.ones(1, 1, 4, 4)) - 1e3).relu().mean()}, 1.0)
        one.step(1.0)
        assert one.idle_steps == expected
    take_step(one)
    assert one.idle_steps == 0


def test_settings_that_a_resumed_run_changes_count() -> None:
    """torch's optimisers bring their settings back with their state."""
    one, other = player(beta1=0.5), player(beta1=0.9, beta2=0.99)
    take_step(one)
    other.load_state_dict(one.state_dict())
    assert other.optimiser.param_groups[0]["betas"] == (0.9, 0.99)


def test_a_step_of_adam_with_decay() -> None:
    """Two steps against arXiv:1412.6980, algorithm 1, of gradients with 0.3 of the weights (L2), in plain numpy."""
    one = player(weight_decay=0.3)
    weights = [weight.detach().numpy().astype(np.float64) for weight in one.weights]
    moments = [(np.zeros_like(weight), np.zeros_like(weight)) for weight in weights]
    for step in (1, 2):
        take_step(one)
        for place, learning in enumerate(one.weights):
            assert learning.grad is not None
            slope = learning.grad.numpy().astype(np.float64) + 0.3 * weights[place]
            first = 0.5 * moments[place][0] + 0.5 * slope
            second = 0.999 * moments[place][1] + 0.001 * slope**2
            moments[place] = first, second
            change = (first / (1 - 0.5**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
            weights[place] = weights[place] - 0.1 * change
            np.testing.assert_allclose(learning.detach().numpy(), weights[place], atol=1e-5)


@pytest.mark.parametrize("optimiser", ["adam", "rmsprop", "sgd"])
def test_every_optimiser_decays_weights(optimiser: str) -> None:
    """Where no loss moves a weight, it goes towards 0; without decay it stays."""
    for decay in (0.0, 0.5):
        one = player(optimiser=optimiser, weight_decay=decay)
        before = one.networks.weight.detach().abs().clone()
        one.take_turn(player())
        one.pay({"loss": one.networks(torch.ones(1, 1, 4, 4)).sum() * 0}, 1.0)
        one.step(1e-4)
        after = one.networks.weight.detach().abs()
        assert (after < before).all() if decay else torch.equal(after, before)


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
