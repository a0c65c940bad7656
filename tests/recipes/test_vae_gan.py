"""VAE-GAN: its likeness in closed form, who feels what of the bill, and runs of it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from support.coded import TINY, batch, drawn_and_measured, most, recipe_of, slopes, whole_and_in_parts
from support.running import img2img
from torch.distributions import Normal

from img2img.config.networks.whole_critics import InfoGANCriticSpec, MaxoutSpec, SNGANCriticSpec
from img2img.config.train.vae_gan import VaeGanConfig
from img2img.networks import build
from img2img.recipes.shared.with_encoder import gaussian_codes, sample_code
from img2img.recipes.vae import divergence
from img2img.recipes.vae_gan import VaeGan, activation, feature_error, scale_gradient
from img2img.weights.files import read_card


def made(**objective: Any) -> VaeGan:
    recipe: VaeGan = recipe_of(VaeGan, VaeGanConfig, objective=objective)
    return recipe


def test_unlikeness_is_that_of_a_gaussian_about_the_critics_activations() -> None:
    torch.manual_seed(0)
    critic = build(InfoGANCriticSpec(size=8, width=2, input_channels=1, norm="none"))
    rebuilt, real = torch.randn(3, 1, 8, 8), torch.randn(3, 1, 8, 8)
    means, values = (critic.features(pictures)[1] for pictures in (rebuilt, real))
    expected = -Normal(means, 1.0).log_prob(values).sum(dim=(1, 2, 3)).mean()
    constant = means[0].numel() / 2 * math.log(2 * math.pi)
    torch.testing.assert_close(feature_error(critic, rebuilt, real, 2), expected - constant, rtol=0, atol=1e-4)
    assert feature_error(critic, real, real, 2) == 0


@pytest.mark.parametrize(
    ("spec", "place"),
    [
        (InfoGANCriticSpec(size=16, width=2), 1),  # behind it the dense layer, and the score
        (SNGANCriticSpec(size=16, width=2), 3),  # behind it the sum over the map
        (MaxoutSpec(size=16, width=2), 1),
    ],
    ids=lambda value: getattr(value, "network", ""),
)
def test_pictures_are_compared_in_the_last_map(spec: Any, place: int) -> None:
    features = build(spec).features(torch.randn(2, 3, 16, 16))
    assert torch.equal(activation(features, None), features[place])
    assert torch.equal(activation(features, 1), features[0])


def test_a_code_is_passed_on_as_it_is_and_its_gradient_scaled() -> None:
    code = torch.tensor([0.3, -2.0], requires_grad=True)
    assert torch.equal(scale_gradient(code, 1e5), code)
    (scale_gradient(code, 1e5) * torch.tensor([1.0, 3.0])).sum().backward()
    assert code.grad is not None
    torch.testing.assert_close(code.grad, torch.tensor([1e5, 3e5]))


def test_the_encoder_pays_divergence_and_likeness_the_decoder_gamma_of_it_and_the_critic() -> None:
    """By the paper's algorithm 1, each network's own bill alone."""
    gamma, beta, adversarial = 1e-2, 0.5, 0.7
    recipe, given = made(gamma=gamma, beta=beta, adversarial=adversarial), batch()
    decoder, encoder = recipe.generators["generator"], recipe.generators["encoder"]
    torch.manual_seed(5)
    fakes = recipe.play(given)
    torch.stack(list(recipe.generator_terms(given, fakes).values())).sum().backward()
    arrived = slopes(encoder), slopes(decoder)
    recipe.generators.zero_grad()

    torch.manual_seed(5)
    mean, log_variance = gaussian_codes(encoder, given["real"])
    code = sample_code(mean, log_variance, torch.randn_like(mean))
    critic = recipe.adversary.critic
    likeness = feature_error(critic, decoder(code), given["real"], None)
    (likeness + beta * divergence(mean, log_variance)).backward(inputs=list(encoder.parameters()), retain_graph=True)
    fooled = [-torch.nn.functional.logsigmoid(critic(decoder(c))).mean() for c in (code.detach(), given["latent"])]
    (gamma * likeness + adversarial * (fooled[0] + fooled[1]) / 2).backward(inputs=list(decoder.parameters()))
    for got, expected in zip(arrived, (slopes(encoder), slopes(decoder)), strict=True):
        assert most(expected) > 1e-6
        for one, other in zip(got, expected, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3 * most(expected))


def test_the_encoder_gets_nothing_from_the_critic() -> None:
    recipe, given = made(), batch()
    terms = recipe.generator_terms(given, recipe.play(given))
    owed = [term for name, term in terms.items() if name.endswith("_fool")]
    assert len(owed) == 2
    torch.stack(owed).sum().backward()
    assert most(slopes(recipe.generators["encoder"])) == 0 < most(slopes(recipe.generators["generator"]))


def test_the_critic_is_charged_for_rebuilt_and_for_generated_pictures_by_halves() -> None:
    recipe, given = made(), batch()
    with torch.no_grad():
        fakes = recipe.play(given)
        assert set(fakes) == {"rebuilt", "generated"}  # what is compared is not needed then
        terms = recipe.critic_terms(given, fakes)
        believed = [torch.sigmoid(recipe.adversary.critic(side)) for side in (given["real"], *fakes.values())]
    expected = -believed[0].log().mean() - sum((1 - side).log().mean() for side in believed[1:]) / 2
    torch.testing.assert_close(torch.stack(list(terms.values())).sum(), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        ["--preset", "quick"],
        ["--network", "dcgan", "--game", "wgan-gp", "--layer", 1],
        ["--network", "mlp", "--game", "r3gan"],
    ],
    ids=lambda options: " ".join(map(str, options)),
)
def test_a_run_is_resumed_exactly_and_sampled(options: list[object], domains, inception, tmp_path: Path) -> None:
    run = whole_and_in_parts("vae-gan", options, domains[0], tmp_path)
    card = read_card(run / "weights.safetensors")
    assert (card.task, card.recipe, list(card.networks)) == ("sample", "vae-gan", ["generator", "encoder"])
    if options[0] == "--preset":
        drawn_and_measured(run, domains[0], inception, tmp_path)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--game", "began"], "--game began, ebgan"),
        (["--network", "lapgan", "--size", 32], "--network lapgan: it has a critic for each of 3 sizes"),
        (["--layer", 9], "--layer 9: the critic has 3"),
        (["--gamma", 0], "--gamma 0"),
    ],
)
def test_what_is_refused_is_one_line(options: list[object], complaint: str, domains, tmp_path: Path) -> None:
    call = ["train", "vae-gan", "--images", domains[0], *TINY, "--network", "infogan", "--steps", 1, *options]
    result = img2img(*call, "--out", tmp_path / "run")
    assert result.exit_code == 2 and complaint in result.stderr.strip().splitlines()[-1]
