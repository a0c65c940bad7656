"""The adversarial core: games as rows of data, penalties, the adversary that plays them. It knows scores only."""

from .adversary import Adversary, Reduce, Scorer, alone
from .ema import MovingAverage
from .games import GAMES, Balance, Cost, Game, GradientPenalty
from .penalties import slope_penalty
from .pool import ReplayPool
from .pull_away import pull_away
from .readout import Readout
from .stabilisers import Stabilisers

__all__ = [
    "GAMES",
    "Adversary",
    "Balance",
    "Cost",
    "Game",
    "GradientPenalty",
    "MovingAverage",
    "Readout",
    "Reduce",
    "ReplayPool",
    "Scorer",
    "Stabilisers",
    "alone",
    "pull_away",
    "slope_penalty",
]
