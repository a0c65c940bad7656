"""First weights as in DCGAN (arXiv:1511.06434, section 4), pix2pix and CycleGAN: N(0, std); or Xavier's, as in CUT."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from .norms import PictureNorm

_POWER_ITERATIONS = 15


@torch.no_grad()
def initialise(
    network: nn.Module, std: float = 0.02, *, gain: float | None = None, generator: torch.Generator | None = None
) -> None:
    """Draw convolutions and linear layers from N(0, std), norms' slopes from N(1, std); set biases to 0. In place.

    gain: draw each convolution and linear layer from N(0, gain * sqrt(2 / (inputs + outputs))) instead (Glorot and
    Bengio 2010, equation 12, as a normal distribution).
    generator: the source of randomness, by default torch's own, on the device of the weights.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            _draw(module, std if gain is None else gain * _glorot(module), generator)
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | PictureNorm) and module.weight is not None:
            module.weight.normal_(1.0, std, generator=generator)
        else:
            continue
        if module.bias is not None:
            module.bias.zero_()


@torch.no_grad()
def initialise_for_relu(network: nn.Module) -> None:
    """Draw convolutions and linear layers from N(0, sqrt(2 / inputs)), which keeps the signal through layers with ReLU
    (arXiv:1502.01852, equation 10); set biases to 0. In place.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                module.bias.zero_()


def _glorot(layer: nn.Conv2d | nn.ConvTranspose2d | nn.Linear) -> float:
    """The standard deviation that keeps variances both ways."""
    inputs, outputs = nn.init._calculate_fan_in_and_fan_out(layer.weight)
    return math.sqrt(2 / (inputs + outputs))


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
