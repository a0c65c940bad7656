"""What each game is trained with where nothing else is asked for: options by game, as data."""

from __future__ import annotations

from typing import Any, Literal

from img2img.config.sections.objective import GameName

StandardName = Literal["mnist", "fashion-mnist", "cifar10"]

Settings = dict[str, Any]
"""Option -> value."""

COMMON: Settings = {
    "batch_size": 64,
    "lr": 2e-4,
    "beta1": 0.5,
    "beta2": 0.999,
    "schedule": "constant",
}
"""DCGAN's (arXiv:1511.06434, section 4), but for its batches of 128."""

BY_GAME: dict[GameName, Settings] = {
    "minimax": {},
    "non-saturating": {},
    "maximum-likelihood": {},
    "lsgan": {},
    # arXiv:1701.07875, algorithm 1.
    "wgan": {"optimiser": "rmsprop", "lr": 5e-5},
    # arXiv:1704.00028, section 4, which recommends layer norm; its released settings for DCGAN.
    "wgan-gp": {"lr": 1e-4, "beta2": 0.9, "critic_norm": "layer"},
    # arXiv:1802.05957, section 4 and table 2.
    "hinge": {"beta1": 0.0, "beta2": 0.9, "critic_norm": "spectral", "critic_steps": 5, "schedule": "linear"},
    "dragan": {"lr": 1e-4, "critic_norm": "none"},
    # Untuned: a critic without norm, and the Adam of the preset for stylegan.
    "r1": {"beta1": 0.0, "beta2": 0.99, "critic_norm": "none"},
    # Untuned: spectral norm, which arXiv:1807.00734 uses, with the Adam of all.
    "relativistic": {"critic_norm": "spectral"},
    "relativistic-average": {"critic_norm": "spectral"},
    # Untuned: as r1.
    "r3gan": {"beta1": 0.0, "beta2": 0.99, "critic_norm": "none"},
    # arXiv:1703.10717, section 4: batches of 16 at 1e-4, the error's absolute value.
    "began": {"lr": 1e-4, "batch_size": 16, "prior": "uniform", "critic_error": "l1"},
    "ebgan": {},
    "fgan-kl": {},
    "fgan-reverse-kl": {},
    "fgan-pearson": {},
    "fgan-hellinger": {},
    "fgan-js": {},
}

BY_CONDITION: dict[str, Settings] = {
    # arXiv:1802.05637, section 4. With batch norm the critic's two terms were 0.06 and 0.04 after 350 steps on
    # Fashion-MNIST (InfoGAN's pair of width 32), with spectral norm 0.5 each after 650 (width 24).
    "projection": {"critic_norm": "spectral"},
}
"""What a way of telling classes asks for, where the game does not say."""

STUDY_COMMON: Settings = {
    "network": "infogan",
    "latent": 64,
    "prior": "uniform",
    "batch_size": 64,
    "lr": 1e-4,
    "beta1": 0.5,
    "beta2": 0.999,
    "schedule": "constant",
    "initial_std": 0.02,
    "ema": 0.0,
    "epochs": 20,
    "flip": False,
}
"""Of the large-scale study (arXiv:1711.10337), which compares games on one architecture; as in its released code."""

STUDY: dict[GameName, Settings] = {
    "minimax": {"lr": 5e-5, "beta1": 0.0, "critic_norm": "batch"},
    "non-saturating": {"lr": 5e-5, "beta1": 0.0, "critic_norm": "batch"},
    "lsgan": {"lr": 2e-4, "critic_norm": "batch"},
    "wgan": {"lr": 5e-5, "critic_norm": "batch"},
    "wgan-gp": {"critic_norm": "none"},
    "dragan": {"critic_norm": "none"},
    "began": {"critic_steps": 5, "critic_error": "l1"},
}
"""Its games, where they depart from that."""

STUDY_EPOCHS: dict[StandardName, int] = {"mnist": 20, "fashion-mnist": 20, "cifar10": 100}
"""Its budgets; 40 for CelebA."""
