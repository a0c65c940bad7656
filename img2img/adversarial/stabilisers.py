"""What helps any game, and what does not go together with what."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from img2img.config.base import Refusal

from .games import Game
from .readout import Readout


@dataclass(frozen=True)
class Stabilisers:
    """What helps any game: see the options of the same names."""

    real_label: float = 1.0
    label_flip: float = 0.0
    instance_noise: float = 0.0
    feature_matching: float = 0.0
    pool: int = 0
    unroll: int = 0
    unroll_rate: float = 0.1


def refuse_mismatches(critic: nn.Module, game: Game, stabilisers: Stabilisers, readout: Readout | None) -> None:
    """Raises Refusal where the parts of an adversary do not go together."""
    if game.penalties and any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in critic.modules()):
        raise Refusal(
            "a critic with batch norm cannot have a gradient penalty: the penalty is on each sample's own slope, and "
            "batch norm mixes samples; use --critic-norm none or spectral"
        )
    if stabilisers.real_label < 1 and not game.labels:
        raise Refusal(
            "--real-label softens a label, and this game has none; "
            "it goes with minimax, non-saturating, maximum-likelihood, lsgan, dragan and r1"
        )
    if stabilisers.label_flip and not game.labels:
        raise Refusal(
            "--label-flip swaps labels, and this game has none; "
            "it goes with minimax, non-saturating, maximum-likelihood, lsgan, dragan and r1"
        )
    if stabilisers.unroll and (game.pull_away or stabilisers.feature_matching or readout):
        raise Refusal(
            "--unroll goes neither with ebgan's pull-away term nor with --feature-matching, nor with a critic that "
            "reads classes or codes off pictures"
        )
