"""The unconditional recipe: what it plays, what each player pays, and that the trainer resumes it bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from img2img.adversarial import GAMES, Adversary, Balance, Game
from img2img.config.base import Refusal
from img2img.config.networks.prior import Prior
from img2img.config.networks.vectors import AutoencoderMLPSpec, MLPSpec
from img2img.config.sections.run import Optimisation, Run
from img2img.data.folders.classes import REAL
from img2img.data.latents import Latents
from img2img.networks import build
from img2img.recipes.shared.from_noise import FromNoise
from img2img.training.step.trainer import Trainer

LATENT = 3
PRIOR = Prior(noise=LATENT)
GENERATOR = MLPSpec(inputs=LATENT, outputs=2, width=8, hidden_layers=1)
CRITIC = MLPSpec(inputs=2, outputs=1, width=8, hidden_layers=1)


class Circle:
    """Points of the unit circle; batch i is a function of (seed, i, rank)."""

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Iterator[dict[str, Tensor]]:
        step = first_step
        while True:
            chance = torch.Generator().manual_seed(1_000_000 * seed + 1_000 * rank + step)
            angle = 6.28 * torch.rand(batch_size, generator=chance)
            yield {"real": torch.stack([angle.cos(), angle.sin()], dim=1)}
            step += 1


def made(name: str, game: Game | None = None, critic_steps: int = 1) -> FromNoise:
    torch.manual_seed(0)
    rules = game or GAMES[name]
    spec = AutoencoderMLPSpec(inputs=2, width=8, exponent=1) if rules.critic == "energy" else CRITIC
    adversary = Adversary(build(spec), rules)
    return FromNoise(
        build(GENERATOR),
        {REAL: adversary},
        spec=GENERATOR,
        critics={REAL: spec},
        prior=PRIOR,
        game=name,
        critic_steps=critic_steps,
    )


def training(recipe: FromNoise, total: int) -> Trainer:
    optimisation = Optimisation(batch_size=8, lr=1e-2, ema=0.9)
    run = Run(seed=3, channels_last=False)
    latents = Latents(PRIOR, of=REAL)
    return Trainer(recipe, latents, optimisation, run, device=torch.device("cpu"), precision="fp32", total=total)


def advance(trainer: Trainer, steps: int) -> None:
    batches = trainer.batches(Circle())
    for _ in range(steps):
        trainer.take_step(batches)


def test_play_makes_a_sample_of_each_latent():
    recipe = made("hinge")
    latents = torch.randn(5, LATENT)
    fake = recipe.play({"latent": latents, "real": torch.zeros(5, 2)})["real"]
    assert torch.equal(fake, recipe.generators["generator"](latents))


def test_a_step_draws_latents_by_its_number_alone():
    trainer, other = training(made("hinge"), total=9), training(made("hinge"), total=9)
    torch.manual_seed(7)  # must not matter
    advance(trainer, 2)
    advance(other, 2)
    assert differing(trainer.recipe.generators, other.recipe.generators) == []


def test_each_player_pays_by_the_game():
    recipe = made("wgan")
    real, fake = torch.randn(6, 2), torch.randn(6, 2)
    scores = [recipe.adversaries["real"].critic(side).mean().item() for side in (real, fake)]
    charged = recipe.critic_terms({"real": real}, {"real": fake})
    paid = recipe.generator_terms({"real": real, "latent": torch.zeros(6, LATENT)}, {"real": fake})
    assert abs(charged["real"].item() + scores[0]) < 1e-6 and abs(charged["fake"].item() - scores[1]) < 1e-6
    assert set(paid) == {"fool"} and abs(paid["fool"].item() + scores[1]) < 1e-6


def test_the_sheet_shows_given_latents_so_that_it_can_be_followed_through_a_run():
    recipe = made("hinge")
    latents = torch.randn(2, LATENT)
    ((_, generated),) = recipe.show(recipe.generators, {"latent": latents})
    assert torch.equal(generated, recipe.generators["generator"](latents))


def test_the_card_describes_the_generator_and_its_latents():
    card = made("hinge").network_cards()["generator"]
    assert card.spec == GENERATOR and card.prior == PRIOR


def test_refuses_what_cannot_be_played():
    adversary = Adversary(build(CRITIC), GAMES["hinge"])
    with pytest.raises(Refusal, match="critic steps 0"):
        FromNoise(
            build(GENERATOR),
            {REAL: adversary},
            spec=GENERATOR,
            critics={REAL: CRITIC},
            prior=PRIOR,
            game="hinge",
            critic_steps=0,
        )


def test_a_generator_step_takes_critic_steps_batches():
    trainer = training(made("wgan-gp", critic_steps=3), total=4)
    advance(trainer, 4)
    assert trainer.batches_per_step == 3 and trainer.recipe.adversaries["real"].steps == 12


STATEFUL = {
    "wgan-gp": (GAMES["wgan-gp"], 2),
    # k must move visibly within the few steps, or the test could not tell whether it is carried over.
    "began": (replace(GAMES["began"], balance=Balance(rate=0.5)), 1),
    "r1": (GAMES["r1"], 1),
}


@pytest.mark.parametrize("name", STATEFUL)
def test_a_resumed_run_is_the_uninterrupted_run_bit_for_bit(name):
    game, critic_steps = STATEFUL[name]
    whole = training(made(name, game, critic_steps), total=20)
    advance(whole, 20)

    half = training(made(name, game, critic_steps), total=20)
    advance(half, 10)
    resumed = training(made(name, game, critic_steps), total=20)
    for weight in resumed.recipe.generators.parameters():
        weight.data.zero_()  # whatever it starts from, the state decides
    state = half.state_dict()
    assert state is not None
    resumed.load_state_dict(state)
    advance(resumed, 10)

    if game.balance:
        assert 0 < whole.numbers()["k"] < 1 and resumed.numbers()["k"] == whole.numbers()["k"]
    assert differing(whole.recipe.generators, resumed.recipe.generators) == []
    assert differing(whole.critics.networks, resumed.critics.networks) == []
    assert differing(whole.best_generators, resumed.best_generators) == []


def differing(one: nn.Module, other: nn.Module) -> list[str]:
    """Names of weights and buffers that are not equal."""
    theirs = other.state_dict()
    tensors = {key: value for key, value in one.state_dict().items() if isinstance(value, Tensor)}
    return [key for key, value in tensors.items() if not value.equal(theirs[key])]
