"""The residual generator of CycleGAN (arXiv:1703.10593, appendix 7.2), after Johnson et al. (arXiv:1603.08155)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from img2img.config.networks.spec import Norm
from img2img.config.networks.translators import ResnetSpec
from img2img.networks.layers.borders import ReflectingConvolution
from img2img.networks.layers.norms import needs_bias, normalisation
from img2img.networks.layers.upsampling import doubling


class ResNet(nn.Module):
    """A 7x7 convolution, strided ones down, residual blocks, up again, a 7x7 convolution and tanh.

    (N, input_channels, H, W) -> (N, output_channels, H, W), both in [-1, 1]; H and W as `spec.needs` says.
    """

    def __init__(self, spec: ResnetSpec) -> None:
        super().__init__()
        bias = needs_bias(spec.norm)
        widths = [spec.width * 2**level for level in range(spec.downsamplings + 1)]
        self.enter = nn.Sequential(
            ReflectingConvolution(spec.input_channels, widths[0], 7, bias=bias), *_normed_relu(spec.norm, widths[0])
        )
        self.down = nn.ModuleList(
            nn.Sequential(nn.Conv2d(fine, coarse, 3, stride=2, padding=1, bias=bias), *_normed_relu(spec.norm, coarse))
            for fine, coarse in pairwise(widths)
        )
        self.blocks = nn.ModuleList(ResidualBlock(widths[-1], spec.norm, spec.dropout) for _ in range(spec.blocks))
        self.up = nn.ModuleList(
            nn.Sequential(doubling(spec.upsample, coarse, fine, kernel=3, bias=bias), *_normed_relu(spec.norm, fine))
            for coarse, fine in pairwise(reversed(widths))
        )
        self.leave = ReflectingConvolution(widths[0], spec.output_channels, 7, bias=True)

    def forward(self, image: Tensor) -> Tensor:
        image = self.enter(image)
        for stage in (*self.down, *self.blocks, *self.up):
            image = stage(image)
        return torch.tanh(self.leave(image))


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around a skip, no activation after the sum. (N, C, H, W) -> (N, C, H, W)."""

    def __init__(self, channels: int, norm: Norm, dropout: float) -> None:
        super().__init__()
        bias = needs_bias(norm)
        self.first = nn.Sequential(
            ReflectingConvolution(channels, channels, 3, bias=bias), *_normed_relu(norm, channels)
        )
        self.dropout = nn.Dropout(dropout)
        self.second = nn.Sequential(
            ReflectingConvolution(channels, channels, 3, bias=bias), normalisation(norm, channels)
        )

    def forward(self, image: Tensor) -> Tensor:
        change: Tensor = self.second(self.dropout(self.first(image)))
        return change.add_(image)


def _normed_relu(norm: Norm, channels: int) -> tuple[nn.Module, nn.Module]:
    return normalisation(norm, channels), nn.ReLU(inplace=True)
