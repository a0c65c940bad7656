"""First weights as in DCGAN (arXiv:1511.06434, section 4), pix2pix and CycleGAN: N(0, std)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from .norms import PictureNorm

_POWER_ITERATIONS = 15


@torch.no_grad()
def initialise(network: nn.Module, std: float = 0.02, *, generator: torch.Generator | None = None) -> None:
    """Draw convolutions and linear layers from N(0, std), norms' slopes from N(1, std); set biases to 0. In place.

    generator: the source of randomness, by default torch's own, on the device of the weights.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            _draw(module, std, generator)
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | PictureNorm) and module.weight is not None:
            module.weight.normal_(1.0, std, generator=generator)
        else:
            continue
        if module.bias is not None:
            module.bias.zero_()


def _draw(layer: nn.Module, std: float, generator: torch.Generator | None) -> None:
    if not is_parametrized(layer, "weight"):
        weight = layer.weight
        assert isinstance(weight, Tensor)
        weight.normal_(0.0, std, generator=generator)
        return
    layer.get_parameter("parametrizations.weight.original").normal_(0.0, std, generator=generator)
    # The singular vectors still belong to the old weight; each look at the weight in training mode improves them once.
    training = layer.training
    layer.train()
    for _ in range(_POWER_ITERATIONS):
        _ = layer.weight
    layer.train(training)
