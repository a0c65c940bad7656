"""Pairs from noise in bfloat16: they run, in training and applied, and stay near to what float32 gives."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from img2img.config.networks.samplers import (
    LapganSpec,
    ProgressiveSpec,
    SAGANSpec,
    SNDCGANSpec,
    SNGANSpec,
    StyleGANSpec,
)
from img2img.config.networks.whole_critics import (
    ProgressiveCriticSpec,
    SAGANCriticSpec,
    SNDCGANCriticSpec,
    SNGANCriticSpec,
    StyleGANCriticSpec,
)
from img2img.networks import build
from img2img.networks.layers.growing import Growing

GENERATORS = [SNDCGANSpec, SNGANSpec, SAGANSpec, StyleGANSpec, LapganSpec, ProgressiveSpec]
CRITICS = [SNDCGANCriticSpec, SNGANCriticSpec, SAGANCriticSpec, StyleGANCriticSpec, ProgressiveCriticSpec]


@pytest.mark.parametrize("kind", [*GENERATORS, *CRITICS], ids=lambda kind: kind.__name__)
def test_bfloat16_is_near_to_float32(kind: Any) -> None:
    torch.manual_seed(0)
    spec = kind(size=16, width=8, classes=2)
    network = build(spec)
    for module in network.modules():
        if isinstance(module, Growing):
            module.follow_progress(0.5)  # where two levels meet
    inputs = torch.randn(4, spec.latent) if kind in GENERATORS else torch.rand(4, 3, 16, 16) * 2 - 1
    label = torch.tensor([0, 1, 1, 0])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        network(inputs, label).float().square().sum().backward()
    network.eval()
    with torch.no_grad():
        exact = network(inputs, label)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rounded = network(inputs, label).float()
    assert (rounded - exact).square().mean().sqrt() < 0.05 * exact.std() + 0.01
