"""The generator of StarGAN (arXiv:1711.09020, table 4)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from img2img.config.networks.told_translators import StarGANSpec
from img2img.networks.layers.norms import normalisation
from img2img.networks.layers.planes import with_planes
from img2img.networks.layers.upsampling import doubling


class StarGAN(nn.Module):
    """A 7x7 convolution, two 4x4 ones that halve, residual blocks, two that double, a 7x7 convolution and tanh.

    (N, input_channels, H, W) in [-1, 1], labels (N,) int64 -> (N, output_channels, H, W) in [-1, 1]; H and W as
    `spec.needs` says.
    """

    def __init__(self, spec: StarGANSpec) -> None:
        super().__init__()
        self.classes = spec.classes
        widths = [spec.width * 2**level for level in range(3)]
        self.enter = _convolved(nn.Conv2d(spec.input_channels + spec.classes, widths[0], 7, padding=3, bias=False))
        self.down = nn.ModuleList(
            _convolved(nn.Conv2d(fine, coarse, 4, stride=2, padding=1, bias=False)) for fine, coarse in pairwise(widths)
        )
        self.blocks = nn.ModuleList(ResidualBlock(widths[-1]) for _ in range(spec.blocks))
        self.up = nn.ModuleList(
            nn.Sequential(doubling(spec.upsample, coarse, fine, kernel=4, bias=False), *_normed_relu(fine))
            for coarse, fine in pairwise(reversed(widths))
        )
        self.leave = nn.Conv2d(widths[0], spec.output_channels, 7, padding=3, bias=False)

    def forward(self, image: Tensor, label: Tensor) -> Tensor:
        image = self.enter(with_planes(image, one_hot(label, self.classes)))
        for stage in (*self.down, *self.blocks, *self.up):
            image = stage(image)
        return torch.tanh(self.leave(image))


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around a skip, no activation after the sum. (N, C, H, W) -> (N, C, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _convolved(nn.Conv2d(channels, channels, 3, padding=1, bias=False))
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), normalisation("batch-stat", channels)
        )

    def forward(self, image: Tensor) -> Tensor:
        change: Tensor = self.second(self.first(image))
        return change.add_(image)


def _convolved(layer: nn.Conv2d) -> nn.Sequential:
    return nn.Sequential(layer, *_normed_relu(layer.out_channels))


def _normed_relu(channels: int) -> tuple[nn.Module, nn.Module]:
    """Each picture's own statistics, with a slope and an offset, as in the authors' code."""
    return normalisation("batch-stat", channels), nn.ReLU(inplace=True)
