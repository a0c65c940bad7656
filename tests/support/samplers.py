"""Weights of a tiny generator, random, with or without classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from img2img.config.card import ModelCard, NetworkCard
from img2img.config.networks.prior import Prior
from img2img.config.networks.samplers import InfoGANSpec
from img2img.networks import build
from img2img.weights.files import save

PRIOR = Prior(noise=6)


def write_generator(path: Path, classes: tuple[str, ...] = (), channels: int = 1, **prior: Any) -> Path:
    """A weights file with an InfoGAN generator of 28 px."""
    chosen = PRIOR.model_copy(update=prior)
    spec = InfoGANSpec(width=2, latent=chosen.size, channels=channels, classes=len(classes))
    torch.manual_seed(0)
    card = ModelCard(task="sample", networks={"generator": NetworkCard(spec=spec, prior=chosen, classes=classes)})
    network = build(spec)
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(2)  # so that pictures differ by more than a level
    save(path, {"generator": network}, card)
    return path
