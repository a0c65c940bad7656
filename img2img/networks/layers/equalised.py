"""Layers with an equalised learning rate: weights from N(0, 1), scaled where they are used (arXiv:1710.10196,
section 4.1), so that Adam's steps, which know no scale, are as large for every layer.

They are no `nn.Linear` and `nn.Conv2d`, so that `initialise`, whose first weights are small, leaves theirs alone.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, leaky_relu, linear

SLOPE = 0.2
"""Of the leaky ReLU below 0."""
GAIN = math.sqrt(2 / (1 + SLOPE**2))
"""What keeps the mean square of values from N(0, 1) behind it."""


class EqualisedLinear(nn.Module):
    """y = W x / sqrt(inputs) + b: (N, inputs) -> (N, outputs).

    rate: factor on the learning rate of weights and biases, whose first values are as large for every rate.
    offset: first value of the biases.
    """

    def __init__(self, inputs: int, outputs: int, *, rate: float = 1.0, offset: float = 0.0) -> None:
        super().__init__()
        self.rate, self.scale = rate, rate / math.sqrt(inputs)
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), offset / rate))

    def forward(self, vector: Tensor) -> Tensor:
        return linear(vector, self.weight * self.scale, self.bias * self.rate)


class EqualisedConvolution(nn.Module):
    """A convolution, its weights over the root of inputs * kernel^2, padded by zeros to keep the size at stride 1.

    (N, inputs, H, W) -> (N, outputs, H, W). padding: px, in place of that.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, padding: int | None = None, bias: bool = True
    ) -> None:
        super().__init__()
        self.stride, self.padding = stride, kernel // 2 if padding is None else padding
        self.scale = 1 / math.sqrt(inputs * kernel**2)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def forward(self, image: Tensor) -> Tensor:
        return conv2d(image, self.weight * self.scale, self.bias, self.stride, self.padding)


class Activation(nn.Module):
    """A leaky ReLU, times its gain."""

    def forward(self, values: Tensor) -> Tensor:
        return leaky_relu(values, SLOPE) * GAIN


def pixel_norm(values: Tensor) -> Tensor:
    """Every pixel's or vector's features over the root of their mean square (arXiv:1710.10196, section 4.2).

    (N, C, ...) -> (N, C, ...).
    """
    return values * torch.rsqrt(values.square().mean(dim=1, keepdim=True) + 1e-8)
