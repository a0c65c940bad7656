"""The Context Encoder (arXiv:1604.07379, section 3.1 and figure 9a)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from img2img.config.networks.inpainters import ContextEncoderSpec
from img2img.networks.layers.norms import needs_bias, normalisation
from img2img.networks.layers.upsampling import doubling

from .inpainter import Inpainter, blanked

CODE_SIDE = 4
"""Side of the map at the bottleneck, px."""


class ContextEncoder(Inpainter):
    """Halve down to 4 px, join what is far apart, double up again.

    (N, channels + 1, size, size) -> (N, channels, size, size) in [-1, 1]. The paper's figure predicts the 64 px in the
    middle of 128; this one predicts them all, with one doubling more, so that a hole may be anywhere.
    Raises ValueError for another size.
    """

    def __init__(self, spec: ContextEncoderSpec) -> None:
        super().__init__()
        self.size = spec.size
        levels = (spec.size // CODE_SIDE).bit_length() - 1
        # 8 times the width at 4 px, half of it at each finer level, never less than the width: the paper's 64, 64, 128,
        # 256, 512 for 128 px.
        widths = [spec.width * max(8 >> level, 1) for level in reversed(range(levels))]
        ends = enumerate(pairwise([spec.channels + 1, *widths]))
        self.encoder = nn.Sequential(*(_down(spec, level, fine, coarse) for level, (fine, coarse) in ends))
        self.bottleneck = _bottleneck(spec, widths[-1])
        self.decoder = nn.Sequential(
            *(_up(spec, coarse, fine) for coarse, fine in pairwise(reversed(widths))),
            doubling(spec.upsample, widths[0], spec.channels, kernel=4, bias=True),
            nn.Tanh(),
        )

    def stages(self, masked: Tensor) -> list[Tensor]:
        height, width = masked.shape[2:]
        if (height, width) != (self.size, self.size):
            raise ValueError(f"this context encoder takes {self.size}x{self.size} px, not {width}x{height}")
        code = self.encoder(torch.cat(blanked(masked), dim=1))
        return [self.decoder(self.bottleneck(code))]


class ChannelWise(nn.Module):
    """A fully connected layer for each channel by itself, m n^4 weights for m maps of n x n (section 3.1).

    (N, channels, side, side) -> the same shape.
    """

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        bound = 1 / side  # as torch begins a linear layer of side^2 inputs
        self.weight = nn.Parameter(torch.empty(channels, side**2, side**2).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(channels, 1, side**2).uniform_(-bound, bound))

    def forward(self, maps: Tensor) -> Tensor:
        joined = torch.baddbmm(self.bias, maps.flatten(2).transpose(0, 1), self.weight)
        return joined.transpose(0, 1).reshape(maps.shape)


def _bottleneck(spec: ContextEncoderSpec, channels: int) -> nn.Sequential:
    """What lets every place of the map see every other. (N, channels, 4, 4) -> the same shape."""
    bias = needs_bias(spec.norm)
    leave = (normalisation(spec.norm, channels), nn.ReLU(inplace=True))
    if spec.bottleneck is None:
        return nn.Sequential(ChannelWise(channels, CODE_SIDE), nn.Conv2d(channels, channels, 1, bias=bias), *leave)
    return nn.Sequential(
        nn.Conv2d(channels, spec.bottleneck, CODE_SIDE, bias=bias),
        normalisation(spec.norm, spec.bottleneck),
        nn.LeakyReLU(0.2, inplace=True),
        nn.ConvTranspose2d(spec.bottleneck, channels, CODE_SIDE, bias=bias),
        *leave,
    )


def _down(spec: ContextEncoderSpec, level: int, fine: int, coarse: int) -> nn.Sequential:
    """Convolution, norm, leaky ReLU; the first is not normalised."""
    norm = spec.norm if level else "none"
    layer = nn.Conv2d(fine, coarse, 4, stride=2, padding=1, bias=needs_bias(norm))
    return nn.Sequential(layer, normalisation(norm, coarse), nn.LeakyReLU(0.2, inplace=True))


def _up(spec: ContextEncoderSpec, coarse: int, fine: int) -> nn.Sequential:
    """Doubling, norm, ReLU."""
    layer = doubling(spec.upsample, coarse, fine, kernel=4, bias=needs_bias(spec.norm))
    return nn.Sequential(layer, normalisation(spec.norm, fine), nn.ReLU(inplace=True))
