"""The toy proof: every game on a ring of 8 or a grid of 25 Gaussians, through the real recipe and trainer.

    python tools/bench_ring.py --out runs/ring            every row, about 25 minutes on one core
    python tools/bench_ring.py --games wgan-gp,began --steps 2000 --seeds 3 --shape grid

A generator that has learnt the data puts 98.9 % of its samples within 3 standard deviations of a mode: no more of a
Gaussian in the plane is there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from img2img.adversarial import GAMES, Adversary, Game, Stabilisers
from img2img.config.networks import AutoencoderMLPSpec, MLPSpec
from img2img.config.run import Optimisation, Run
from img2img.networks import build
from img2img.recipes.gan import Gan
from img2img.training.schedule import seed_noise
from img2img.training.trainer import Trainer

LATENT = 2
BATCH = 128
SAMPLES = 10_000


@dataclass(frozen=True)
class Mixture:
    """Equally likely Gaussians in the plane: centres (M, 2) and their common standard deviation."""

    centres: Tensor
    std: float

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Iterator[dict[str, Tensor]]:
        """Batch i of rank r depends on (seed, r, i) alone."""
        centres, index = self.centres.numpy(), first_step
        while True:
            noise = np.random.default_rng((seed, rank, index))
            points = centres[noise.integers(len(centres), size=batch_size)]
            points = points + self.std * noise.standard_normal(points.shape)
            yield {"real": torch.from_numpy(points.astype(np.float32))}
            index += 1


def ring() -> Mixture:
    """8 Gaussians on a circle of radius 2, std 0.02 (arXiv:1611.02163, section 3.1), times 0.4 to lie in [-1, 1]."""
    angles = torch.arange(8) * (2 * math.pi / 8)
    return Mixture(0.8 * torch.stack([angles.cos(), angles.sin()], dim=1), std=0.008)


def grid() -> Mixture:
    """5 x 5 Gaussians 2 apart, std 0.05 (arXiv:1705.07761, section 4.1), times 0.2 to lie in [-1, 1]."""
    steps = torch.linspace(-0.8, 0.8, 5)
    return Mixture(torch.cartesian_prod(steps, steps), std=0.01)


SHAPES = {"ring": ring, "grid": grid}


# -- how each row is trained ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """One row: a game with its toy constants, its critic, its optimiser. `constants` says in words what `row` changes."""

    game: str
    row: Game | None = None
    constants: str = ""
    lr: float = 2e-3
    critic_lr: float | None = None
    optimiser: Literal["adam", "rmsprop"] = "adam"
    beta1: float = 0.5
    beta2: float = 0.999
    critic_norm: Literal["none", "spectral"] = "none"
    minibatch: Literal["none", "std", "discrimination"] = "none"
    exponent: Literal[1, 2] = 2
    code: int = 2
    stabilisers: Stabilisers = field(default_factory=Stabilisers)
    ema: float = 0.999


SETTINGS: dict[str, Settings] = {name: Settings(name) for name in GAMES}


def trainer(settings: Settings, mixture: Mixture, steps: int, seed: int) -> Trainer:
    """A fresh run of this row: MLPs of 3 hidden layers of 128, torch's default first weights, batches of 128."""
    seed_noise(seed, 0, 0, draw=1 << 20)
    game = settings.row or GAMES[settings.game]
    spec = MLPSpec(inputs=LATENT, outputs=2, width=128, hidden_layers=3)
    critic: MLPSpec | AutoencoderMLPSpec
    if game.critic == "energy":
        critic = AutoencoderMLPSpec(inputs=2, code=settings.code, width=128, hidden_layers=2, exponent=settings.exponent)
    else:
        critic = MLPSpec(
            inputs=2,
            outputs=1,
            width=128,
            hidden_layers=3,
            norm=settings.critic_norm,
            minibatch=settings.minibatch,
        )
    recipe = Gan(
        build(spec),
        Adversary(build(critic), game, stabilisers=settings.stabilisers),
        spec=spec,
        critic=critic,
        latent=LATENT,
        game=settings.game,
        critic_steps=game.critic_steps,
    )
    optimisation = Optimisation(
        batch_size=BATCH,
        optimiser=settings.optimiser,
        lr=settings.lr,
        critic_lr=settings.critic_lr,
        beta1=settings.beta1,
        beta2=settings.beta2,
        ema=settings.ema,
    )
    return Trainer(
        recipe,
        nn.Identity(),
        optimisation,
        Run(seed=seed, channels_last=False),
        device=torch.device("cpu"),
        precision="fp32",
        total=steps,
    )
