"""Networks by their specs: `build` makes one, `count_parameters` counts without making it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from img2img.config.networks import AnySpec, Spec
from img2img.config.networks.vectors import AutoencoderMLPSpec, MLPSpec
from img2img.networks.layers.initialise import initialise
from img2img.networks.layers.noise import LayerNoise

from .critics import CRITICS
from .encoders import ENCODERS
from .inpainters import INPAINTERS
from .mlp import MLP, AutoencoderMLP
from .samplers import SAMPLERS
from .translators import TRANSLATORS
from .upscalers import UPSCALERS

__all__ = ["NETWORKS", "apply_mode", "build", "count_parameters", "initialise"]

VECTORS: dict[type[Spec], Callable[[Any], nn.Module]] = {MLPSpec: MLP, AutoencoderMLPSpec: AutoencoderMLP}

NETWORKS = TRANSLATORS | ENCODERS | UPSCALERS | INPAINTERS | CRITICS | SAMPLERS | VECTORS
"""What is built from each spec; a network's row stands in its room."""


def build(spec: AnySpec) -> nn.Module:
    """The network that a spec describes, in training mode, with torch's default first weights."""
    return NETWORKS[type(spec)](spec)


def count_parameters(spec: AnySpec) -> int:
    """Trainable numbers of the network that a spec describes; allocates none of them."""
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in build(spec).parameters())


def apply_mode(network: nn.Module, noise: bool = False) -> nn.Module:
    """The same network, set to be applied: no dropout and no noise between layers, unless `noise` asks for it, as the
    paper of pix2pix does."""
    network.eval()
    if noise:
        for module in network.modules():
            if isinstance(module, nn.Dropout | LayerNoise):
                module.train()
    return network
