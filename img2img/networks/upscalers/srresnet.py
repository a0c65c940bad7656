"""SRResNet, the generator of SRGAN (arXiv:1609.04802, section 2.1.1 and figure 4)."""

from __future__ import annotations

from torch import Tensor, nn

from img2img.config.networks.spec import CriticNorm
from img2img.config.networks.upscalers import SRResNetSpec
from img2img.networks.layers.norms import normalisation
from img2img.networks.layers.upsampling import shuffled


class SRResNet(nn.Module):
    """A 9x9 convolution, residual blocks under one long skip, pixel shuffles, a 9x9 convolution.

    (N, input_channels, h, w) in [-1, 1] -> (N, output_channels, h * scale, w * scale), about [-1, 1]. Every
    convolution has a bias, next to a norm too, as published.
    """

    def __init__(self, spec: SRResNetSpec) -> None:
        super().__init__()
        width = spec.width
        factors = [2, 2] if spec.scale == 4 else [spec.scale]
        self.enter = nn.Sequential(nn.Conv2d(spec.input_channels, width, 9, padding=4), nn.PReLU())
        self.blocks = nn.Sequential(*(ResidualBlock(width, spec.norm) for _ in range(spec.blocks)))
        self.join = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), normalisation(spec.norm, width))
        self.up = nn.Sequential(*(nn.Sequential(shuffled(width, width, factor), nn.PReLU()) for factor in factors))
        self.leave = nn.Conv2d(width, spec.output_channels, 9, padding=4)

    def forward(self, low: Tensor) -> Tensor:
        entered = self.enter(low)
        result: Tensor = self.leave(self.up(entered + self.join(self.blocks(entered))))
        return result


class ResidualBlock(nn.Module):
    """Convolution, norm, PReLU, convolution, norm around a skip. (N, C, H, W) -> (N, C, H, W)."""

    def __init__(self, channels: int, norm: CriticNorm) -> None:
        super().__init__()
        self.change = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            normalisation(norm, channels),
            nn.PReLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            normalisation(norm, channels),
        )

    def forward(self, features: Tensor) -> Tensor:
        change: Tensor = self.change(features)
        return features + change
