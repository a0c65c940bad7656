"""Super-resolution for CPUs: almost all work at low resolution, pixel shuffles, on top of bicubic upsampling.

After EDSR's blocks without norms (arXiv:1707.02921, section 3.1) and ESPCN's pixel shuffle (arXiv:1609.05158,
equation 4).
"""

from __future__ import annotations

from torch import Tensor, nn

from img2img.config.networks.upscalers import LightSRSpec
from img2img.networks.layers.upsampling import bicubic, even, shuffled


class LightSR(nn.Module):
    """A convolution, residual blocks, a head that enlarges: what bicubic upsampling is short of.

    (N, input_channels, h, w) in [-1, 1] -> (N, output_channels, h * scale, w * scale), about [-1, 1]. As built it is
    bicubic upsampling: the last convolution begins at zero.
    """

    def __init__(self, spec: LightSRSpec) -> None:
        super().__init__()
        self.scale = spec.scale
        self.enter = nn.Conv2d(spec.input_channels, spec.width, 3, padding=1)
        self.blocks = nn.Sequential(*(ResidualBlock(spec.width) for _ in range(spec.blocks)))
        if spec.head == "shuffle":
            self.up: nn.Module = nn.Identity()
            self.leave: nn.Module = shuffled(spec.width, spec.output_channels, spec.scale)
        else:
            self.up, narrow = _steps(spec)
            self.leave = nn.Conv2d(narrow, spec.output_channels, 3, padding=1)
        for parameter in self.leave.parameters():
            nn.init.zeros_(parameter)

    def forward(self, low: Tensor) -> Tensor:
        detail: Tensor = self.leave(self.up(self.blocks(self.enter(low))))
        base = low if self.scale == 1 else bicubic(low, self.scale)
        return base + detail  # of low's type under autocast: bfloat16 rounds by 0.4 levels of 255


def _steps(spec: LightSRSpec) -> tuple[nn.Sequential, int]:
    """A convolution, pixel shuffle and ReLU for each factor, and the channels that are left.

    Each step halves the channels, so that the step at twice the size costs as much as the one before it.
    """
    steps: list[nn.Module] = []
    width = spec.width
    for factor in spec.factors:
        narrow = max(width // 2, spec.output_channels)
        steps += [even(shuffled(width, narrow, factor)), nn.ReLU(inplace=True)]
        width = narrow
    return nn.Sequential(*steps), width


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
