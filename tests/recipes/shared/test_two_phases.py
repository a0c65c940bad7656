"""What holds for every recipe of two phases: it plays every game, and none where there is no critic."""

from __future__ import annotations

import pytest
import torch
from support.playing import INPAINT, SRGAN, Play

from img2img.adversarial import GAMES

PLAYS = pytest.mark.parametrize("play", [INPAINT, SRGAN], ids=["inpaint", "srgan"])


@PLAYS
@pytest.mark.parametrize("game", GAMES)
def test_every_game_can_be_played(play: Play, game: str) -> None:
    options = {"objective": {"game": game}, "optimisation": {"pretrain_steps": 0}, "networks": {"critic_norm": "none"}}
    run = play.trainer(1, **options)
    terms, _ = run.take_step(run.batches(play))
    assert run.skipped == 0 and "generator/fool" in terms and "generator/pixel" in terms
    assert all(torch.isfinite(term) for term in terms.values())


@PLAYS
def test_it_trains_without_a_critic(play: Play) -> None:
    run = play.trainer(2, objective={"adversarial": 0.0, "game": "wgan-gp"}, optimisation={"pretrain_steps": 0})
    assert run.recipe.game == "none" and run.recipe.critic_steps == 1
    terms, _ = run.take_step(run.batches(play))
    assert list(terms) == ["generator/pixel"]
    again = play.trainer(2, objective={"adversarial": 0.0}, optimisation={"pretrain_steps": 0})
    state = run.state_dict()
    assert state is not None and not state["adversaries"]
    again.load_state_dict(state)
    assert again.step == 1 and run.skipped == 0
