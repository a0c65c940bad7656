"""pix2pix and CycleGAN: whose terms, with which weights, on which pictures."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from img2img.adversarial import GAMES
from img2img.config.base import Refusal
from img2img.config.toml import resolve
from img2img.config.train.cyclegan import CycleganConfig
from img2img.config.train.pix2pix import Pix2pixConfig
from img2img.data.sides import Sides
from img2img.recipes.cyclegan import Cyclegan
from img2img.recipes.pix2pix import Pix2pix

SMALL = {"width": 4, "critic_width": 4, "critic_layers": 1, "dropout": 0.0, "blocks": 1}
NAMES = {"a": "horses", "b": "zebras"}


def made(kind, channels=(3, 3), **sections):
    config_class = {Pix2pix: Pix2pixConfig, Cyclegan: CycleganConfig}[kind]
    sections["networks"] = SMALL | sections.get("networks", {})
    sections["data"] = {"size": 32} | sections.get("data", {})
    torch.manual_seed(0)
    return kind(resolve(config_class, sections), Sides(dict(zip("ab", channels, strict=True)), NAMES))


def batch(channels=(3, 3), count=2):
    return {side: torch.rand(count, number, 32, 32) * 2 - 1 for side, number in zip("ab", channels, strict=True)}


class Shift(nn.Module):
    """A generator that adds a constant, so that every distance is known."""

    def __init__(self, by):
        super().__init__()
        self.by = nn.Parameter(torch.tensor(float(by)))

    def forward(self, image):
        return image + self.by


def test_pix2pix_in_the_published_direction():
    recipe, data = made(Pix2pix, data={"direction": "b-to-a"}), batch()
    recipe.generators["b_to_a"] = Shift(0.25)
    fakes = recipe.play(data)
    assert torch.equal(fakes["fake"], data["b"] + 0.25)
    terms = recipe.generator_terms(data, fakes)
    assert abs(terms["l1"] - 100 * (data["b"] + 0.25 - data["a"]).abs().mean()) < 1e-4
    (card,) = recipe.network_cards().values()
    assert (card.source, card.target) == ("zebras", "horses")


def test_pix2pix_shows_its_critic_the_input_beside_the_output_and_halves_its_loss():
    recipe, data = made(Pix2pix), batch()
    critic = recipe.adversaries["b"].critic
    terms = recipe.critic_terms(data, {"fake": data["b"] * 0.5})
    real, fake = critic(data["b"], data["a"]), critic(data["b"] * 0.5, data["a"])
    softplus = nn.functional.softplus
    assert abs(terms["real"] - 0.5 * softplus(-real).mean()) < 1e-6
    assert abs(terms["fake"] - 0.5 * softplus(fake).mean()) < 1e-6


def test_cyclegans_distances_and_weights():
    recipe, data = made(Cyclegan, objective={"cycle": 10, "identity": 0.5}), batch()
    recipe.generators["a_to_b"], recipe.generators["b_to_a"] = Shift(0.25), Shift(-0.125)
    fakes = recipe.play(data)
    assert (fakes["b"] - data["a"] - 0.25).abs().max() < 1e-6
    assert (fakes["a"] - data["b"] + 0.125).abs().max() < 1e-6
    terms = recipe.generator_terms(data, fakes)
    assert abs(terms["a/cycle"] - 10 * 0.125) < 1e-5 and abs(terms["b/cycle"] - 10 * 0.125) < 1e-5
    assert abs(terms["b/identity"] - 10 * 0.5 * 0.25) < 1e-5 and abs(terms["a/identity"] - 10 * 0.5 * 0.125) < 1e-5
    score = recipe.adversaries["b"].critic(fakes["b"])
    assert abs(terms["b/fool"] - ((score - 1) ** 2).mean() / 2) < 1e-5


def test_one_pass_for_fake_and_identity_changes_nothing():
    recipe, data = made(Cyclegan), batch()
    together = recipe.play(data)
    recipe.one_pass = False
    apart = recipe.play(data)
    assert all((together[name] - apart[name]).abs().max() < 1e-5 for name in apart)


def test_batch_norm_keeps_the_passes_apart():
    assert made(Cyclegan).one_pass
    assert not made(Cyclegan, networks={"norm": "batch"}).one_pass


def test_without_gradients_no_identity_is_computed():
    recipe, data = made(Cyclegan), batch()
    with torch.no_grad():
        assert set(recipe.play(data)) == {"a", "b"}


@pytest.mark.parametrize("kind", [Pix2pix, Cyclegan])
@pytest.mark.parametrize("game", sorted(GAMES))
def test_every_game_charges_both_players(kind, game):
    recipe, data = made(kind, objective={"game": game}), batch()
    fakes = recipe.play(data)
    charged = recipe.critic_terms(data, fakes)
    paid = recipe.generator_terms(data, fakes)
    sum(charged.values()).backward()
    sum(paid.values()).backward()
    for player in (recipe.generators, nn.ModuleDict(recipe.adversaries)):
        assert all(torch.isfinite(weight.grad).all() for weight in player.parameters() if weight.grad is not None)
        assert any(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in player.parameters())


@pytest.mark.parametrize("channels", [(1, 3), (3, 1), (1, 1)])
def test_grey_and_colour_domains(channels):
    for kind, options in ((Pix2pix, {}), (Cyclegan, {"objective": {"identity": 0}})):
        recipe, data = made(kind, channels, **options), batch(channels)
        fakes = recipe.play(data)
        recipe.critic_terms(data, fakes)
        recipe.generator_terms(data, fakes)
        recipe.show(recipe.generators, data)


def test_identity_between_grey_and_colour_is_refused():
    with pytest.raises(Refusal, match="--identity 0"):
        made(Cyclegan, (1, 3))


def test_adaptive_augmentation_needs_scores_that_say_what_is_believed():
    made(Cyclegan, objective={"critic_augment": "adaptive"})
    with pytest.raises(Refusal, match="diffaugment goes with every game"):
        made(Cyclegan, objective={"critic_augment": "adaptive", "game": "wgan"})


def test_parameter_counts_of_the_papers_presets():
    def count(networks):
        return sum(weight.numel() for weight in networks.parameters())

    with torch.device("meta"):
        pix2pix = Pix2pix(resolve(Pix2pixConfig, Pix2pixConfig.presets["paper"]), Sides({"a": 3, "b": 3}, NAMES))
        cyclegan = Cyclegan(resolve(CycleganConfig, CycleganConfig.presets["paper"]), Sides({"a": 3, "b": 3}, NAMES))
    assert count(pix2pix.generators) == 54_413_955
    assert count(pix2pix.adversaries["b"].critic) == 2_768_705
    assert count(cyclegan.generators) == 2 * 11_378_179
    assert count(cyclegan.adversaries["a"].critic) == 2_764_737
    assert cyclegan.critics["a"].receptive_field == 70
