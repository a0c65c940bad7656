"""Presets of `img2img train gan` by network: what its paper or its authors' code trains it with.

An option is here where it departs from what a run starts with; lengths are generator steps.
"""

from __future__ import annotations

from img2img.config.base import Overrides

NETWORK_PRESETS: dict[str, Overrides] = {
    # arXiv:1606.03657, appendix C.1: ten categories, two continuous codes, 62 numbers of noise, and a generator five
    # times as fast as its critic. At equal rates of 2e-4 the critic won on Fashion-MNIST (width 16, 1,379 steps).
    "infogan": {
        "networks": {"network": "infogan", "latent": 62, "categorical": "10", "continuous": 2},
        "optimisation": {"lr": 1e-3, "critic_lr": 2e-4},
    },
    # Of the settings of the large-scale studies' code for CIFAR-10, that with the best FID for this pair.
    "sndcgan": {
        "networks": {"network": "sndcgan", "critic_norm": "spectral"},
        "objective": {"game": "non-saturating", "critic_steps": 1},
        "optimisation": {"lr": 2e-4, "beta1": 0.5, "beta2": 0.999, "ema": 0.0},
        "run": {"steps": 200_000},
    },
    # arXiv:1802.05957, section 4, and its authors' code, where the linear decay is over the whole run.
    "sngan": {
        "data": {"size": 32},
        "networks": {"network": "sngan", "critic_norm": "spectral"},
        "objective": {"game": "hinge", "critic_steps": 5},
        "optimisation": {
            "lr": 2e-4,
            "beta1": 0.0,
            "beta2": 0.9,
            "schedule": "linear",
            "decay_from": 0.0,
            "ema": 0.0,
        },
        "run": {"steps": 50_000},
    },
    # arXiv:1805.08318, section 4: two time scales, one critic step.
    "sagan": {
        "networks": {"network": "sagan", "critic_norm": "spectral"},
        "objective": {"game": "hinge", "critic_steps": 1},
        "optimisation": {
            "batch_size": 256,
            "lr": 1e-4,
            "critic_lr": 4e-4,
            "beta1": 0.0,
            "beta2": 0.9,
            "schedule": "constant",
        },
    },
    # arXiv:1912.04958, appendix B.
    "stylegan": {
        "networks": {"network": "stylegan", "critic_norm": "none"},
        "objective": {"game": "r1", "path_length": 2.0},
        "optimisation": {"batch_size": 32, "lr": 2e-3, "beta1": 0.0, "beta2": 0.99, "schedule": "constant"},
    },
    # arXiv:1710.10196, appendix A.1.
    "progressive": {
        "networks": {"network": "progressive", "critic_norm": "none"},
        "objective": {"game": "wgan-gp", "critic_steps": 1},
        "optimisation": {"batch_size": 16, "lr": 1e-3, "beta1": 0.0, "beta2": 0.99, "schedule": "constant"},
    },
}
