"""SRGAN's two bills in both phases, whoever its critic is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from support.playing import SRGAN, changed_by_a_step

from img2img.config.base import Refusal
from img2img.config.sections.two_phases import PRETRAINING

made, batch = SRGAN.made, SRGAN.batch


def test_pretraining_is_pixels_alone() -> None:
    recipe, given = made(objective={"pixel": 7.0, "pixel_cost": "mse"}), batch()
    recipe.phase = PRETRAINING
    fakes = recipe.play(given)
    assert recipe.critic_terms(given, fakes) == {}
    terms = recipe.generator_terms(given, fakes)
    assert list(terms) == ["pixel"]
    assert abs(terms["pixel"] - (fakes["high"] - given["high"]).square().mean()) < 1e-6


def test_then_all_terms_count_as_weighted(vgg19: Path) -> None:
    objective = {"perceptual": 3.0, "perceptual_layers": "relu1_2", "vgg19": vgg19, "pixel": 7.0, "adversarial": 0.5}
    recipe, given = made(objective=objective), batch()
    fakes = recipe.play(given)
    assert set(recipe.critic_terms(given, fakes)) == {"real", "fake"}
    terms = recipe.generator_terms(given, fakes)
    assert set(terms) == {"fool", "pixel", "perceptual"}
    fake, real = fakes["high"], given["high"]
    assert abs(terms["pixel"] - 7 * (fake - real).abs().mean()) < 1e-5
    assert abs(terms["perceptual"] - recipe.frozen["features"](fake, real)["perceptual"]) < 1e-5
    alone = made(objective=objective | {"perceptual": 1.0}).frozen["features"](fake, real)["perceptual"]
    assert abs(terms["perceptual"] - 3 * alone) < 1e-5 * terms["perceptual"].item()
    paid = recipe.adversaries["high"].generator_terms(fake, real)["fool"]
    assert abs(terms["fool"] - 0.5 * paid) < 1e-5


def test_the_perceptual_gradient_reaches_the_generator(vgg19: Path) -> None:
    """A step along it makes the perceptual distance smaller by as much as its slope says."""
    objective = {"perceptual": 1.0, "perceptual_layers": "relu1_2", "perceptual_cost": "mse", "vgg19": vgg19}
    recipe, given = made(objective=objective | {"adversarial": 0.0, "pixel": 0.0}), batch()
    weights = list(recipe.generators.parameters())
    terms = recipe.generator_terms(given, recipe.play(given))
    assert list(terms) == ["perceptual"]
    slopes = torch.autograd.grad(terms["perceptual"], weights)
    steepness = sum(slope.square().sum().item() for slope in slopes)
    assert steepness > 0
    with torch.no_grad():
        for weight, slope in zip(weights, slopes, strict=True):
            weight -= 1e-3 * slope
        after = recipe.generator_terms(given, recipe.play(given))["perceptual"]
    fallen = (terms["perceptual"] - after).item()
    assert abs(fallen / (1e-3 * steepness) - 1) < 0.1
    assert all(not parameter.requires_grad for parameter in recipe.frozen.parameters())


@pytest.mark.parametrize("critic", ["unet", "srgan", "patch"])
def test_every_critic_learns_and_teaches(critic: str) -> None:
    run = SRGAN.trainer(1, networks={"critic": critic}, optimisation={"pretrain_steps": 0}, objective={"pixel": 0.0})
    generators, critics, _ = changed_by_a_step(run, SRGAN)
    # What lies behind the generator's zeros learns nothing in the first step.
    assert any(generators) and all(critics)


def test_critics_are_idle_until_the_pretraining_ends() -> None:
    run = SRGAN.trainer(4, optimisation={"pretrain_steps": 2})
    critic = run.recipe.adversaries["high"]
    first = [weight.detach().clone() for weight in critic.parameters()]
    batches = run.batches(SRGAN)
    for _ in range(2):
        terms, _ = run.take_step(batches)
        assert list(terms) == ["generator/pixel"]
    assert all(torch.equal(one, other) for one, other in zip(first, critic.parameters(), strict=True))
    assert critic.steps == 0 and not run.critics.optimiser.state
    terms, _ = run.take_step(batches)
    assert "critic/real" in terms and critic.steps == 1
    assert not all(torch.equal(one, other) for one, other in zip(first, critic.parameters(), strict=True))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_sheet_shows_four_pictures_of_one_size(scale: int) -> None:
    recipe = made(networks={"scale": scale}, data={"size": 24})
    low = torch.rand(1, 3, 24 // scale, 24 // scale)
    columns = recipe.show(recipe.generators, {"high": torch.rand(1, 3, 24, 24), "low": low})
    assert [caption for caption, _ in columns] == ["low", "bicubic", "generated", "original"]
    assert all(picture.shape == (1, 3, 24, 24) for _, picture in columns)
    assert torch.equal(columns[0][1][..., ::scale, ::scale], low)
    assert recipe.network_cards()["upscale"].scale == scale


@pytest.mark.parametrize(
    ("sections", "complaint"),
    [
        ({"data": {"size": 18}}, r"--size 18: the generator, light-sr, takes multiples of 4 px"),
        ({"data": {"size": 20}, "networks": {"critic": "unet"}}, r"--size 20: the critic, unet-critic, .* of 8 px"),
        ({"objective": {"adversarial": 0, "pixel": 0}}, "nothing is left to learn from"),
    ],
)
def test_what_cannot_be_trained_is_refused(sections: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Refusal, match=complaint):
        made(**sections)
