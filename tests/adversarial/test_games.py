"""Every game against its paper's formula, in plain numpy and float64."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from img2img.adversarial import GAMES, Adversary, pull_away
from img2img.config.base import Refusal
from img2img.config.sections.objective import GameName

REAL = np.array([[-2.0, -0.3], [0.4, 1.7], [3.0, 0.0]])
FAKE = np.array([[-1.1, 0.2], [2.5, -0.7], [0.9, -3.2]])


def sigmoid(s):
    return 1 / (1 + np.exp(-s))


def log(x):
    return np.log(x)


# What the critic minimises and what the generator minimises, written as the papers write them: D is a probability.
PAPERS = {
    "minimax": (
        lambda r, f: -log(sigmoid(r)).mean() - log(1 - sigmoid(f)).mean(),
        lambda r, f: log(1 - sigmoid(f)).mean(),
    ),
    "non-saturating": (
        lambda r, f: -log(sigmoid(r)).mean() - log(1 - sigmoid(f)).mean(),
        lambda r, f: -log(sigmoid(f)).mean(),
    ),
    "maximum-likelihood": (
        lambda r, f: -log(sigmoid(r)).mean() - log(1 - sigmoid(f)).mean(),
        lambda r, f: -(sigmoid(f) / (1 - sigmoid(f))).mean(),
    ),
    "lsgan": (lambda r, f: ((r - 1) ** 2).mean() / 2 + (f**2).mean() / 2, lambda r, f: ((f - 1) ** 2).mean() / 2),
    "wgan": (lambda r, f: f.mean() - r.mean(), lambda r, f: -f.mean()),
    "wgan-gp": (lambda r, f: f.mean() - r.mean(), lambda r, f: -f.mean()),
    "hinge": (
        lambda r, f: -np.minimum(0, -1 + r).mean() - np.minimum(0, -1 - f).mean(),
        lambda r, f: -f.mean(),
    ),
    "relativistic": (
        lambda r, f: -log(sigmoid(r - f)).mean(),
        lambda r, f: -log(sigmoid(f - r)).mean(),
    ),
    "relativistic-average": (
        lambda r, f: -log(sigmoid(r - f.mean())).mean() - log(1 - sigmoid(f - r.mean())).mean(),
        lambda r, f: -log(sigmoid(f - r.mean())).mean() - log(1 - sigmoid(r - f.mean())).mean(),
    ),
    # Scores are negative energies: the energy of a real is -r.
    "began": (lambda r, f: (-r).mean() - 0.25 * (-f).mean(), lambda r, f: (-f).mean()),
    "ebgan": (lambda r, f: (-r).mean() + np.maximum(0, 1 - (-f)).mean(), lambda r, f: (-f).mean()),
}
# arXiv:1606.00709, table 6: the divergence's output activation g_f, and its conjugate f*.
DIVERGENCES = {
    "fgan-kl": (lambda v: v, lambda t: np.exp(t - 1)),
    "fgan-reverse-kl": (lambda v: -np.exp(-v), lambda t: -1 - log(-t)),
    "fgan-pearson": (lambda v: v, lambda t: t**2 / 4 + t),
    "fgan-hellinger": (lambda v: 1 - np.exp(-v), lambda t: t / (1 - t)),
    "fgan-js": (lambda v: log(2) - log(1 + np.exp(-v)), lambda t: -log(2 - np.exp(t))),
}
PAPERS |= {
    name: (
        lambda r, f, g=g, conjugate=conjugate: (-g(r)).mean() + conjugate(g(f)).mean(),
        lambda r, f, g=g: -g(f).mean(),
    )
    for name, (g, conjugate) in DIVERGENCES.items()
}
PAPERS["dragan"] = PAPERS["r1"] = PAPERS["non-saturating"]
PAPERS["r3gan"] = PAPERS["relativistic"]


class Scores(nn.Module):
    """A critic whose input is its score; the code of an energy critic is a constant."""

    def features(self, image, given=None):
        return [torch.eye(len(image), dtype=image.dtype), image]

    def forward(self, image, given=None):
        return image


def adversary(name):
    """The game alone: without its penalties and its pull-away term."""
    game = replace(GAMES[name], penalties=(), pull_away=0.0)
    made = Adversary(Scores(), game)
    if game.balance:
        made.k.fill_(0.25)
    return made


@pytest.mark.parametrize("name", sorted(GAMES))
def test_costs_equal_the_paper(name):
    # The adversary computes costs in float32 by design; here the rows themselves are held to float64.
    game = GAMES[name]
    real, fake = torch.from_numpy(REAL), torch.from_numpy(FAKE)
    critic_bill, generator_bill = PAPERS[name]
    read_real, read_fake, fool = real, fake, game.fool(fake).mean()
    if game.relative == "paired":
        read_real, fool = real - fake, game.fool(fake - real).mean()
    if game.relative == "average":
        read_real, read_fake = real - fake.mean(), fake - real.mean()
        fool = game.fool(fake - real.mean()).mean() + game.fool(fake.mean() - real).mean()
    paid = game.real(read_real).mean()
    if game.fake is not None:
        paid = paid + (0.25 if game.balance else 1) * game.fake(read_fake).mean()
    assert abs(paid.item() - critic_bill(REAL, FAKE)) < 1e-12
    assert abs(fool.item() - generator_bill(REAL, FAKE)) < 1e-12


@pytest.mark.parametrize("name", sorted(GAMES))
def test_the_adversary_charges_what_the_rows_say(name):
    made = adversary(name)
    real, fake = torch.from_numpy(REAL).float(), torch.from_numpy(FAKE).float()
    critic_bill, generator_bill = PAPERS[name]
    assert abs(sum(made.critic_terms(real, fake).values()).item() - critic_bill(REAL, FAKE)) < 1e-5
    assert abs(sum(made.generator_terms(fake, real).values()).item() - generator_bill(REAL, FAKE)) < 1e-4


def test_every_name_of_the_options_is_a_row_and_back():
    assert set(GameName.__args__) == set(GAMES)


def test_papers_settings():
    assert GAMES["wgan"].clip == 0.01
    assert GAMES["wgan"].critic_steps == GAMES["wgan-gp"].critic_steps == 5
    (penalty,) = GAMES["wgan-gp"].penalties
    assert (penalty.at, penalty.target, penalty.weight) == ("between", 1, 10)
    (penalty,) = GAMES["r1"].penalties
    assert (penalty.at, penalty.target, penalty.weight, penalty.every) == ("real", 0, 5, 16)
    assert {penalty.at for penalty in GAMES["r3gan"].penalties} == {"real", "fake"}


def test_pull_away_is_the_mean_squared_cosine():
    codes = np.random.default_rng(0).normal(size=(5, 7))
    expected = np.mean(
        [
            (codes[i] @ codes[j] / np.linalg.norm(codes[i]) / np.linalg.norm(codes[j])) ** 2
            for i in range(5)
            for j in range(5)
            if i != j
        ]
    )
    assert abs(pull_away(torch.from_numpy(codes)).item() - expected) < 1e-12
    assert pull_away(torch.ones(1, 7)).item() == 0


def test_a_game_takes_the_constants_that_it_has():
    scores = torch.tensor([-3.0, -1.5, 0.0])
    wider = GAMES["ebgan"].with_margin(2.0)
    assert wider.fake is not None and wider.fake(scores).tolist() == [0.0, 0.5, 2.0]
    assert wider.pull_away == GAMES["ebgan"].pull_away and wider.real(scores).tolist() == [3.0, 1.5, 0.0]
    balance = GAMES["began"].with_diversity(0.5).balance
    assert balance is not None and (balance.diversity, balance.rate) == (0.5, 1e-3)
    for refused in (lambda: GAMES["began"].with_margin(1.0), lambda: GAMES["ebgan"].with_diversity(0.5)):
        with pytest.raises(Refusal, match="this game has no"):
            refused()


# f and f' of arXiv:1606.00709, table 1, of u = p / q; D(P, Q) = sum q f(p / q), and the best critic is f'(u).
GENERATING = {
    "fgan-kl": (lambda u: u * log(u), lambda u: 1 + log(u)),
    "fgan-reverse-kl": (lambda u: -log(u), lambda u: -1 / u),
    "fgan-pearson": (lambda u: (u - 1) ** 2, lambda u: 2 * (u - 1)),
    "fgan-hellinger": (lambda u: (np.sqrt(u) - 1) ** 2, lambda u: 1 - 1 / np.sqrt(u)),
    "fgan-js": (lambda u: -(u + 1) * log((1 + u) / 2) + u * log(u), lambda u: log(2 * u / (1 + u))),
}


@pytest.mark.parametrize("name", GENERATING)
def test_the_best_critic_is_paid_the_divergence(name):
    """On three points: what the critic with g_f(s) = f'(p / q) gets is D_f(P, Q), and no other critic gets more."""
    p, q = np.array([0.2, 0.5, 0.3]), np.array([0.4, 0.25, 0.35])
    f, slope = GENERATING[name]
    game, grid = GAMES[name], torch.linspace(-4, 4, 40001, dtype=torch.float64)
    assert game.fake is not None
    bills = [a * game.real(grid) + b * game.fake(grid) for a, b in zip(p, q, strict=True)]
    assert abs(-sum(bill.min().item() for bill in bills) - (q * f(p / q)).sum()) < 1e-6
    for bill, ratio in zip(bills, p / q, strict=True):
        assert abs(-game.real(grid[bill.argmin()]).item() - slope(ratio)) < 1e-3
    assert abs(-game.real(torch.tensor(game.undecided, dtype=torch.float64)).item() - slope(1.0)) < 1e-12
