"""BiGAN and ALI: pairs and their bills, and runs of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from support.coded import TINY, batch, drawn_and_measured, most, recipe_of, slopes, whole_and_in_parts
from support.running import img2img
from torch.nn.functional import softplus

from img2img.config.base import Refusal
from img2img.config.networks.pairs import PAIRS, NetworkName
from img2img.config.networks.whole_critics import InfoGANCriticSpec
from img2img.config.train.bigan import BiganConfig
from img2img.networks import build
from img2img.networks.samplers.generator import Generator
from img2img.recipes.bigan import Bigan
from img2img.recipes.shared.with_encoder import gaussian_codes, mean_code
from img2img.weights.files import read_card


def made(**sections: dict[str, Any]) -> Bigan:
    recipe: Bigan = recipe_of(Bigan, BiganConfig, **sections)
    return recipe


def test_the_bills_are_the_papers() -> None:
    recipe, given = made(), batch()
    fakes = recipe.play(given)
    critic = recipe.adversary.critic
    real, fake = critic(given["real"], fakes["code"]), critic(fakes["generated"], given["latent"])
    charged = torch.stack(list(recipe.critic_terms(given, fakes).values())).sum()
    paid = torch.stack(list(recipe.generator_terms(given, fakes).values())).sum()
    torch.testing.assert_close(charged, softplus(-real).mean() + softplus(fake).mean(), rtol=0, atol=1e-5)
    torch.testing.assert_close(paid, softplus(real).mean() + softplus(-fake).mean(), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("term", "payer", "other"), [("fool", "generator", "encoder"), ("disguise", "encoder", "generator")]
)
def test_each_pays_for_its_own_pairs(term: str, payer: str, other: str) -> None:
    recipe, given = made(), batch()
    recipe.generator_terms(given, recipe.play(given))[term].backward()
    assert most(slopes(recipe.generators[other])) == 0 < most(slopes(recipe.generators[payer]))


def test_codes_are_drawn_only_where_asked_for() -> None:
    exact, drawn = made(), made(networks={"stochastic": True})
    given = batch()
    assert torch.equal(exact.play(given)["code"], exact.play(given)["code"])
    assert torch.equal(exact.play(given)["code"], mean_code(exact.generators["encoder"], given["real"], 3))
    mean, log_variance = gaussian_codes(drawn.generators["encoder"], given["real"])
    torch.manual_seed(2)
    noise = torch.randn_like(mean)
    torch.manual_seed(2)
    expected = mean + (log_variance / 2).exp() * noise
    torch.testing.assert_close(drawn.play(given)["code"], expected, rtol=0, atol=1e-6)
    assert torch.equal(mean_code(drawn.generators["encoder"], given["real"], 3), mean)


@pytest.mark.parametrize("network", [name for name in get_args(NetworkName) if name != "lapgan"])
def test_every_pair_plays_it(network: NetworkName) -> None:
    data = {"size": 32}
    networks = {"network": network, "encoder_norm": None, "critic_norm": None}
    recipe, given = made(data=data, networks=networks), {"real": torch.randn(2, 1, 32, 32), "latent": torch.randn(2, 3)}
    fakes = recipe.play(given)
    terms = recipe.critic_terms(given, fakes) | recipe.generator_terms(given, fakes)
    assert all(torch.isfinite(term) for term in terms.values()) and len(terms) == 4
    assert isinstance(recipe.generators["generator"], Generator)
    assert type(recipe.critics["real"]) is PAIRS[network].critic and recipe.critics["real"].code == 3


def test_a_code_goes_alone() -> None:
    with pytest.raises(ValueError, match="neither classes nor a readout"):
        build(InfoGANCriticSpec(code=3, classes=2))
    with pytest.raises(ValueError, match="neither classes nor a readout"):
        build(InfoGANCriticSpec(code=3, readout=2))


def test_looking_ahead_is_refused() -> None:
    with pytest.raises(Refusal, match="--unroll 2"):
        made(objective={"unroll": 2})


@pytest.mark.parametrize(
    "options",
    [
        ["--preset", "quick"],
        ["--network", "dcgan", "--game", "wgan-gp", "--stochastic", "--pool", 4],
        ["--game", "relativistic", "--joint", 8, "--critic-augment", "diffaugment"],
    ],
    ids=lambda options: " ".join(map(str, options)),
)
def test_a_run_is_resumed_exactly_and_sampled(options: list[object], domains, inception, tmp_path: Path) -> None:
    run = whole_and_in_parts("bigan", options, domains[0], tmp_path)
    card = read_card(run / "weights.safetensors")
    assert (card.task, card.recipe, list(card.networks)) == ("sample", "bigan", ["generator", "encoder"])
    if options[0] == "--preset":
        drawn_and_measured(run, domains[0], inception, tmp_path)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--game", "ebgan"], "--game began, ebgan"),
        (["--network", "lapgan", "--size", 32], "--network lapgan: it has a critic for each of 3 sizes"),
        (["--joint", 0], "--joint 0"),
    ],
)
def test_what_is_refused_is_one_line(options: list[object], complaint: str, domains, tmp_path: Path) -> None:
    call = ["train", "bigan", "--images", domains[0], *TINY, "--steps", 1, *options]
    result = img2img(*call, "--out", tmp_path / "run")
    assert result.exit_code == 2 and complaint in result.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("asked", "norm"),
    [({}, "spectral"), ({"game": "wgan-gp"}, "layer"), ({"network": "stylegan"}, None)],
)
def test_the_critic_does_not_mix_the_batch_unless_asked(asked: dict[str, str], norm: str | None) -> None:
    """Batch norm, which sees real and fake apart, gives it away. The game's norm comes first."""
    sections = {"networks" if name == "network" else "objective": {name: value} for name, value in asked.items()}
    assert BiganConfig.starting_point(None, sections)["networks"].get("critic_norm") == norm
