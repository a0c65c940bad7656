"""Super-resolution for CPUs: all work at low resolution, one pixel shuffle, on top of bicubic upsampling.

After EDSR's blocks without norms (arXiv:1707.02921, section 3.1) and ESPCN's pixel shuffle at the end
(arXiv:1609.05158, equation 4).
"""

from __future__ import annotations

from torch import Tensor, nn

from img2img.config.networks.upscalers import LightSRSpec
from img2img.networks.layers.upsampling import bicubic, shuffled


class LightSR(nn.Module):
    """A convolution, residual blocks, a pixel shuffle: what bicubic upsampling is short of.

    (N, input_channels, h, w) in [-1, 1] -> (N, output_channels, h * scale, w * scale), about [-1, 1]. As built it is
    bicubic upsampling: the last convolution begins at zero.
    """

    def __init__(self, spec: LightSRSpec) -> None:
        super().__init__()
        self.scale = spec.scale
        self.enter = nn.Conv2d(spec.input_channels, spec.width, 3, padding=1)
        self.blocks = nn.Sequential(*(ResidualBlock(spec.width) for _ in range(spec.blocks)))
        self.leave = shuffled(spec.width, spec.output_channels, spec.scale)
        for parameter in self.leave.parameters():
            nn.init.zeros_(parameter)

    def forward(self, low: Tensor) -> Tensor:
        detail: Tensor = self.leave(self.blocks(self.enter(low)))
        return bicubic(low, self.scale) + detail  # of low's type under autocast: bfloat16 rounds by 0.4 levels of 255


class ResidualBlock(nn.Module):
    """Convolution, ReLU, convolution around a skip. (N, C, H, W) -> (N, C, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1),
        )

    def forward(self, features: Tensor) -> Tensor:
        change: Tensor = self.change(features)
        return change.add_(features)
