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
