"""The adversarial core: games as rows of data, penalties, the adversary that plays them. It knows scores only."""

from .adversary import Adversary
from .ema import MovingAverage
from .games import GAMES, Balance, Game, GradientPenalty
from .judge import Scorer
from .penalties import slope_penalty
from .pool import ReplayPool
from .pull_away import pull_away
from .readout import Readout
from .stabilisers import Stabilisers

__all__ = [
    "GAMES",
    "Adversary",
    "Balance",
    "Game",
    "GradientPenalty",
    "MovingAverage",
    "Readout",
    "ReplayPool",
    "Scorer",
    "Stabilisers",
    "pull_away",
    "slope_penalty",
]
