"""The critic of StarGAN."""

from __future__ import annotations

from typing import Any

import torch

from img2img.config.networks.critics import DomainCriticSpec
from img2img.networks import build


def test_the_critic_leaves_two_pixels_and_names_from_all_of_them() -> None:
    critic: Any = build(DomainCriticSpec(readout=5, width=2))
    features = critic.features(torch.zeros(2, 3, 128, 128))
    assert features[-1].shape == (2, 1, 2, 2) and critic.read(features).shape == (2, 5)


def test_pictures_are_told_from_each_other_before_it_has_learnt() -> None:
    """As torch draws the weights of five layers, what it says of two pictures differs by less than a hundredth."""
    torch.manual_seed(0)
    critic: Any = build(DomainCriticSpec(readout=4, size=64, width=24, **DomainCriticSpec.for_size(64)))
    with torch.no_grad():
        read = critic.read(critic.features(torch.rand(16, 3, 64, 64) * 2 - 1))
    assert read.std(0).mean() > 0.1
