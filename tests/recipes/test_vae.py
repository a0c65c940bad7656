"""The variational autoencoder's terms in closed form, its networks, and a run of it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from support.running import QUIET, img2img, succeeded
from torch.distributions import Bernoulli, Normal, kl_divergence

from img2img.config.train.vae import VaeConfig
from img2img.recipes.vae import cross_entropy, divergence, gaussian_of_learnt_variance
from img2img.training.folder.checkpoint import load_checkpoint
from img2img.weights.files import read_card

TINY = ["--width", 2, "--encoder-width", 2, "--size", 28, "--workers", 0, "--device", "cpu", "--batch-size", 2, *QUIET]


def test_divergence_is_that_of_two_gaussians() -> None:
    torch.manual_seed(0)
    mean, log_variance = torch.randn(5, 3), torch.randn(5, 3)
    expected = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)).sum(dim=1).mean()
    torch.testing.assert_close(divergence(mean, log_variance), expected)
    assert divergence(torch.zeros(2, 3), torch.zeros(2, 3)) == 0


def test_cross_entropy_is_that_of_coins_and_finite_at_the_ends() -> None:
    torch.manual_seed(0)
    rebuilt, real = torch.rand(4, 1, 3, 3) * 1.8 - 0.9, torch.randint(0, 2, (4, 1, 3, 3)) * 2.0 - 1
    expected = -Bernoulli((rebuilt + 1) / 2).log_prob((real + 1) / 2).sum(dim=(1, 2, 3)).mean()
    torch.testing.assert_close(cross_entropy(rebuilt, real), expected)
    worst = torch.ones(1, 1, 2, 2, requires_grad=True)
    cost = cross_entropy(worst, -torch.ones(1, 1, 2, 2))
    assert 0 < cost < 4 * 20


def test_the_learnt_variance_is_the_best_one() -> None:
    torch.manual_seed(0)
    rebuilt, real = torch.randn(4, 1, 3, 3), torch.randn(4, 1, 3, 3)
    error = (rebuilt - real).square().mean()
    costs = [
        -Normal(rebuilt, (factor * error).sqrt()).log_prob(real).sum(dim=(1, 2, 3)).mean() for factor in (0.9, 1, 1.1)
    ]
    learnt = gaussian_of_learnt_variance(rebuilt, real)
    assert min(costs) == costs[1]
    torch.testing.assert_close(learnt, costs[1], rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    "options",
    [
        ["--network", "infogan", "--likelihood", "learned-gamma", "--beta", 4],
        ["--network", "dcgan", "--encoder-norm", "layer"],
        ["--preset", "study"],
        ["--preset", "quick"],
    ],
    ids=lambda options: " ".join(map(str, options)),
)
def test_a_short_run_is_resumed_exactly_and_sampled(options: list[object], domains, tmp_path) -> None:
    data = ["--images", domains[0], *TINY, "--steps", 4, *options]
    whole, parts = tmp_path / "whole/run", tmp_path / "parts/run"
    succeeded(img2img("train", "vae", *data, "--out", whole))
    succeeded(img2img("train", "vae", *data, "--out", parts, "--time-limit", "0s"))
    succeeded(img2img("train", "vae", "--out", parts, "--resume", "--device", "cpu"))
    one, other = (load_checkpoint(out / "checkpoint.safetensors")["generators"] for out in (whole, parts))
    assert one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)
    card = read_card(whole / "weights.safetensors")
    assert (card.task, card.recipe, card.game) == ("sample", "vae", "none")
    succeeded(img2img("sample", "--model", whole, "-n", 4, "--device", "cpu", "-o", tmp_path / "drawn.png"))


def test_it_learns_to_rebuild(domains, tmp_path) -> None:
    options = ["--images", domains[0], *TINY, "--width", 8, "--encoder-width", 8, "--lr", 3e-3, "--ema", 0]
    out = tmp_path / "run"
    succeeded(img2img("train", "vae", *options, "--steps", 40, "--log-every", 20, "--out", out))
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    first, last = (line["generator/rebuilding"] for line in lines[:2])
    assert last < first - 10 and math.isfinite(last)


def test_a_standard_set_has_its_size(tmp_path: Path) -> None:
    assert VaeConfig.starting_point("quick", {"data": {"dataset": "cifar10"}})["data"] == {"size": 32}
