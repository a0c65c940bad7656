"""The generator of ESRGAN: residual in residual dense blocks (arXiv:1809.00219, section 3.1 and figure 4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import pixel_unshuffle

from img2img.config.networks.upscalers import RRDBSpec

RESIDUAL_SCALE = 0.2
"""Weight of a block's change before it is added, against instability (section 3.1, beta)."""

INITIAL_SCALE = 0.1
"""First weights of the dense layers against He's: "smaller initialization" (section 3.1)."""


class RRDBNet(nn.Module):
    """A convolution, residual blocks of dense blocks under one long skip, resize-convolutions, two convolutions.

    (N, input_channels, h, w) in [-1, 1] -> (N, output_channels, h * scale, w * scale), about [-1, 1]. x2 is x4 on
    2x2 squares of the input: h and w are then multiples of 2.
    """

    def __init__(self, spec: RRDBSpec) -> None:
        super().__init__()
        width = spec.width
        self.unshuffled = spec.unshuffled
        self.enter = nn.Conv2d(spec.input_channels * spec.unshuffled**2, width, 3, padding=1)
        self.blocks = nn.Sequential(*(ResidualOfResiduals(width, spec.growth) for _ in range(spec.blocks)))
        self.join = nn.Conv2d(width, width, 3, padding=1)
        self.up = nn.Sequential(*(_enlarged(width, factor) for factor in ([3] if spec.scale == 3 else [2, 2])))
        self.leave = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(width, spec.output_channels, 3, padding=1),
        )

    def forward(self, low: Tensor) -> Tensor:
        entered = self.enter(pixel_unshuffle(low, self.unshuffled))
        result: Tensor = self.leave(self.up(entered + self.join(self.blocks(entered))))
        return result


class ResidualOfResiduals(nn.Module):
    """Three dense blocks around a skip. (N, C, H, W) -> (N, C, H, W)."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.dense = nn.Sequential(*(DenseBlock(width, growth) for _ in range(3)))

    def forward(self, features: Tensor) -> Tensor:
        change: Tensor = self.dense(features)
        return features + RESIDUAL_SCALE * change


class DenseBlock(nn.Module):
    """Five convolutions, each on the input and all outputs before it, around a skip. (N, C, H, W) -> (N, C, H, W)."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv2d(width + count * growth, growth if count < 4 else width, 3, padding=1) for count in range(5)
        )
        self.activation = nn.LeakyReLU(0.2, inplace=True)
        for layer in self.layers:
            _begin_small(layer)

    def forward(self, features: Tensor) -> Tensor:
        found = [features]
        for layer in self.layers[:-1]:
            found.append(self.activation(layer(torch.cat(found, dim=1))))
        change: Tensor = self.layers[-1](torch.cat(found, dim=1))
        return features + RESIDUAL_SCALE * change


def _enlarged(width: int, factor: int) -> nn.Sequential:
    """Nearest neighbour, a convolution with zero borders as published, leaky ReLU."""
    return nn.Sequential(
        nn.Upsample(scale_factor=factor, mode="nearest"),
        nn.Conv2d(width, width, 3, padding=1),
        nn.LeakyReLU(0.2, inplace=True),
    )


@torch.no_grad()
def _begin_small(layer: nn.Module) -> None:
    assert isinstance(layer, nn.Conv2d) and layer.bias is not None
    nn.init.kaiming_normal_(layer.weight)
    layer.weight.mul_(INITIAL_SCALE)
    layer.bias.zero_()
