"""The games: what the critic pays on real and on fake, what the generator pays. One row of GAMES each.

s = score, sp = softplus = log(1 + exp s). For a critic that is a probability D = sigmoid(s): -log D = sp(-s) and
-log(1 - D) = sp(s). For an energy critic s is minus the energy of the picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from img2img.config.base import Refusal

LOG_2 = math.log(2)

Cost = Callable[[Tensor], Tensor]
"""Elementwise, on scores of any shape."""


@dataclass(frozen=True)
class GradientPenalty:
    """weight * E[(|grad D|_2 - target)^2] at points `at`; target 0 is the squared slope itself.

    at: real, fake, between (uniformly on the line from a real to a fake), near_real (real + noise, DRAGAN).
    every: computed at each n-th critic step only, then with n times the weight (lazy regularisation, arXiv:1912.04958).
    """

    at: Literal["real", "fake", "between", "near_real"]
    target: float
    weight: float
    every: int = 1


@dataclass(frozen=True)
class Balance:
    """BEGAN's equilibrium (arXiv:1703.10717, section 3.4): k += rate * (diversity * L(real) - L(fake)), k in [0, 1]."""

    rate: float = 1e-3
    diversity: float = 0.75
    start: float = 0.0


@dataclass(frozen=True)
class Game:
    """One row: three costs, and what belongs to them by their paper.

    fake is None where one cost of score differences is all (relative="paired").
    beyond: what the critic pays on fake by its margin, where it has one.
    labels: the costs are of labels 1 and 0, so that a softened label makes sense.
    undecided: the score at which the critic takes a picture for neither; None where a score has no such meaning.
    mirrors: what the critic pays for fake is what it pays for real of the score mirrored at `undecided`.
    critic_steps: critic steps for each generator step, as the paper has it.
    """

    real: Cost
    fake: Cost | None
    fool: Cost
    paper: str
    critic: Literal["logit", "energy"] = "logit"
    relative: Literal["no", "paired", "average"] = "no"
    penalties: tuple[GradientPenalty, ...] = ()
    balance: Balance | None = None
    clip: float | None = None
    pull_away: float = 0.0
    beyond: Callable[[float], Cost] | None = None
    labels: bool = False
    undecided: float | None = None
    mirrors: bool = True
    critic_steps: int = 1

    def with_penalty(self, weight: float) -> Game:
        """The same game with this weight on each of its penalties. Raises Refusal where it has none."""
        if not self.penalties:
            raise Refusal("this game has no gradient penalty to weigh; wgan-gp, dragan, r1 and r3gan have one")
        return replace(self, penalties=tuple(replace(penalty, weight=weight) for penalty in self.penalties))

    def with_margin(self, margin: float) -> Game:
        """The same game with this margin. Raises Refusal where it has none."""
        if self.beyond is None:
            raise Refusal("this game has no margin; ebgan has one")
        return replace(self, fake=self.beyond(margin))

    def with_diversity(self, diversity: float) -> Game:
        """The same game, balanced at this ratio of the energies of fake and real. Raises Refusal where it has none."""
        if self.balance is None:
            raise Refusal("this game has no balance of energies; began has one")
        return replace(self, balance=replace(self.balance, diversity=diversity))

    def related(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Scores as the critic pays for them: as they are, or against the other side's (arXiv:1807.00734, eq. 3, 6)."""
        if self.relative == "paired":
            return real - fake, fake
        if self.relative == "average":
            return real - fake.mean(), fake - real.mean()
        return real, fake

    def fooling(self, fake: Tensor, real: Callable[[], Tensor]) -> Tensor:
        """What the generator pays for scores of fakes, a scalar. real: gives those of reals, for relative games."""
        if self.relative == "no":
            return self.fool(fake).mean()
        if self.relative == "paired":
            return self.fool(fake - real()).mean()
        on_real = real()
        lifts, lowers = fake - on_real.mean(), fake.mean() - on_real
        return self.fool(lifts).mean() + self.fool(lowers).mean()

    def disguise(self, s: Tensor) -> Tensor:
        """What is paid for a real that is to pass for fake: the game with its sides swapped; s: its score.

        A logit game's critic pays for fake what it would for real of the score mirrored at `undecided`, so this is
        `fool` of the mirrored score. A score without such a meaning (wgan) is the same up to a constant wherever it is
        mirrored. Where the sides do not mirror each other it is what the critic gets on real, as the saddle point has
        it (arXiv:1606.00709, equation 6). In a relative game `fool` has both sides, and nothing is left to pay.
        """
        if not self.mirrors:
            return -self.real(s)
        return self.fool(2 * (self.undecided or 0.0) - s)


def _score(s: Tensor) -> Tensor:
    return s


def _minus_score(s: Tensor) -> Tensor:
    return -s


def _claims_real(s: Tensor) -> Tensor:  # -log D
    return softplus(-s)


def _claims_fake(s: Tensor) -> Tensor:  # -log(1 - D)
    return softplus(s)


def _beyond(margin: float) -> Cost:  # energies above the margin cost nothing
    return lambda s: relu(margin + s)


PROBABILITY = Game(
    real=_claims_real,
    fake=_claims_fake,
    fool=_claims_real,
    paper="arXiv:1406.2661, section 3",
    labels=True,
    undecided=0.0,
)
"""The critic as a probability, the generator paying -log D: what several games share."""

WASSERSTEIN = Game(
    real=_minus_score,
    fake=_score,
    fool=_minus_score,
    paper="arXiv:1701.07875, algorithm 1",
    critic_steps=5,
)
"""The critic as a witness of the distance between the two distributions, to be kept from growing steep."""

RELATIVISTIC = Game(
    real=_claims_real,
    fake=None,
    fool=_claims_real,
    paper="arXiv:1807.00734, section 4.1",
    relative="paired",
)
"""The critic says how much more real a real is than a fake."""


def fgan(activation: Cost, conjugate_of_it: Cost, undecided: float, mirrors: bool) -> Game:
    """f-GAN's row of one divergence (arXiv:1606.00709, equation 6 and table 6).

    activation: g_f(s), which rises with the score; conjugate_of_it: f*(g_f(s)); undecided: where g_f(s) = f'(1). The
    generator maximises E[g_f(s)] (section 3.2), which has the game's stationary points and saturates less.
    """
    return Game(
        real=lambda s: -activation(s),
        fake=conjugate_of_it,
        fool=lambda s: -activation(s),
        paper="arXiv:1606.00709, equation 6 and table 6; section 3.2 for the generator",
        undecided=undecided,
        mirrors=mirrors,
    )


def ebgan(margin: float) -> Game:
    """EBGAN with this margin, in the energy's unit: here the mean squared error per value on [-1, 1]."""
    return Game(
        real=_minus_score,
        fake=_beyond(margin),
        beyond=_beyond,
        fool=_minus_score,
        paper="arXiv:1609.03126, equations 1, 2 and 4",
        critic="energy",
        pull_away=0.1,
    )


GAMES: dict[str, Game] = {
    "minimax": replace(PROBABILITY, fool=lambda s: -softplus(s), paper="arXiv:1406.2661, equation 1"),
    "non-saturating": PROBABILITY,
    "maximum-likelihood": replace(PROBABILITY, fool=lambda s: -torch.exp(s), paper="arXiv:1412.6515, section 3"),
    "lsgan": Game(
        real=lambda s: (s - 1).square() / 2,
        fake=lambda s: s.square() / 2,
        fool=lambda s: (s - 1).square() / 2,
        paper="arXiv:1611.04076, equation 9",
        labels=True,
        undecided=0.5,
    ),
    "wgan": replace(WASSERSTEIN, clip=0.01),
    "wgan-gp": replace(
        WASSERSTEIN,
        paper="arXiv:1704.00028, equation 3",
        penalties=(GradientPenalty("between", target=1, weight=10),),
    ),
    "hinge": Game(
        real=lambda s: relu(1 - s),
        fake=lambda s: relu(1 + s),
        fool=_minus_score,
        paper="arXiv:1705.02894; arXiv:1802.05957, equations 16 and 17",
        undecided=0.0,
    ),
    "dragan": replace(
        PROBABILITY,
        paper="arXiv:1705.07215, section 2.4",
        penalties=(GradientPenalty("near_real", target=1, weight=10),),
    ),
    "r1": replace(
        PROBABILITY,
        paper="arXiv:1801.04406, equation 9, gamma 10; lazily as in arXiv:1912.04958",
        penalties=(GradientPenalty("real", target=0, weight=10 / 2, every=16),),
    ),
    "relativistic": RELATIVISTIC,
    "relativistic-average": replace(
        RELATIVISTIC, fake=_claims_fake, paper="arXiv:1807.00734, section 4.2", relative="average"
    ),
    "r3gan": replace(
        RELATIVISTIC,
        paper="arXiv:2501.05441, equation 2, gamma 1",
        penalties=(GradientPenalty("real", target=0, weight=1 / 2), GradientPenalty("fake", target=0, weight=1 / 2)),
    ),
    "began": Game(
        real=_minus_score,
        fake=_score,  # times k, which Balance steers
        fool=_minus_score,
        paper="arXiv:1703.10717, section 3.4",
        critic="energy",
        balance=Balance(),
    ),
    "ebgan": ebgan(margin=1.0),
    "fgan-kl": fgan(_score, lambda s: torch.exp(s - 1), undecided=1.0, mirrors=False),
    "fgan-reverse-kl": fgan(lambda s: -torch.exp(-s), lambda s: s - 1, undecided=0.0, mirrors=False),
    "fgan-pearson": fgan(_score, lambda s: s.square() / 4 + s, undecided=0.0, mirrors=False),
    "fgan-hellinger": fgan(lambda s: -torch.expm1(-s), torch.expm1, undecided=0.0, mirrors=True),
    "fgan-js": fgan(lambda s: LOG_2 - softplus(-s), lambda s: softplus(s) - LOG_2, undecided=0.0, mirrors=True),
}
