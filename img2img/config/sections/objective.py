"""Objective options: the game, its stabilisers, and what the critic sees."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from img2img.config.base import Section

from .perceptual import Perceptual

GameName = Literal[
    "minimax", "non-saturating", "maximum-likelihood", "lsgan", "wgan", "wgan-gp", "hinge", "dragan", "r1",
    "relativistic", "relativistic-average", "r3gan", "began", "ebgan",
    "fgan-kl", "fgan-reverse-kl", "fgan-pearson", "fgan-hellinger", "fgan-js",
]  # fmt: skip
"""Rows of `img2img.adversarial.games.GAMES`; a test holds the two together."""


class Adversarial(Section):
    """objective"""

    fixed: ClassVar[frozenset[str]] = frozenset({"game", "critic_augment"})

    game: GameName = "non-saturating"
    """The game: which losses the critic and the generator minimise, with their penalties."""
    adversarial: float = Field(1.0, ge=0)
    """Weight of the adversarial term in the generator's loss."""
    critic_steps: int | None = Field(None, ge=1, le=100)
    """Critic steps for each generator step [default: by the game; 5 for wgan and wgan-gp, else 1]."""
    penalty: float | None = Field(None, ge=0)
    """Weight of the game's gradient penalty, in place of its paper's."""
    margin: float | None = Field(None, gt=0)
    """EBGAN's margin, in the unit of its critic's error [default: 1]."""
    diversity: float | None = Field(None, gt=0, le=1)
    """BEGAN's balance: the error of fakes divided by that of real pictures that it aims at [default: 0.75]."""
    real_label: float = Field(1.0, gt=0.5, le=1)
    """One-sided label smoothing: the target for real pictures."""
    label_flip: float = Field(0.0, ge=0, lt=0.5)
    """Share of the pictures, drawn anew at each critic step, whose target is swapped: real for fake, fake for real."""
    instance_noise: float = Field(0.0, ge=0)
    """Standard deviation of the noise on what the critic sees, decayed linearly to 0 at the end of the run."""
    feature_matching: float = Field(0.0, ge=0)
    """Weight of the L1 distance between the critic's features of real and fake."""
    pool: int = Field(0, ge=0)
    """Size of the replay pool of old fakes, images; 0: none."""
    unroll: int = Field(0, ge=0, le=20)
    """Critic steps that the generator looks ahead through (unrolled GAN)."""
    critic_augment: Literal["none", "diffaugment", "adaptive"] = "none"
    """Differentiable augmentation of what the critic sees, against overfitting on few pictures."""
    augment_target: float = Field(0.6, gt=0, lt=1)
    """Mean sign of the scores on real pictures that adaptive augmentation aims at; 0.6: 80 % are taken for real."""


class Pix2pixObjective(Adversarial, Perceptual):
    """objective"""

    fixed: ClassVar[frozenset[str]] = Adversarial.fixed

    perceptual: float = Field(0.0, ge=0)
    """Weight of the perceptual term, the distance of VGG19's activations; 0: off. Without --style, too, VGG19 is not
    needed."""
    l1: float = Field(100.0, ge=0)
    """Weight of the L1 distance to the target."""


class CycleganObjective(Adversarial):
    """objective"""

    game: GameName = "lsgan"
    """The game: which losses the critic and the generator minimise, with their penalties."""
    pool: int = Field(50, ge=0)
    """Size of the replay pool of old fakes, images; 0: none."""
    cycle: float = Field(10.0, ge=0)
    """Weight of the cycle-consistency term, lambda."""
    identity: float = Field(0.5, ge=0)
    """Weight of the identity term, as a fraction of --cycle; keeps colours; 0: off."""
