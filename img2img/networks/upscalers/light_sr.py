"""Super-resolution for CPUs: almost all work at low resolution, on top of bicubic upsampling.

After EDSR's blocks without norms (arXiv:1707.02921, section 3.1). Heads: ESPCN's pixel shuffle (arXiv:1609.05158,
equation 4), or ESRGAN's nearest neighbour and convolutions (arXiv:1809.00219), narrower with each step.
"""

from __future__ import annotations

from torch import Tensor, nn

from img2img.config.networks.upscalers import LightSRSpec
from img2img.networks.layers.upsampling import ResizeConvolution, TriplingConvolution, bicubic, shuffled


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
    """Nearest neighbour, a convolution and ReLU for each factor, one more convolution, and the channels that are left.

    Whatever its weights are, a flat area stays flat, where a pixel shuffle draws its own pattern: with two shuffles in
    place of the two steps the first 400 steps of training made a weave of 22 dB (`evaluate sr`), and they cost more. On
    128 x 128 px of 64 channels, in bf16: 33 ms for two shuffles, 20 for two steps, 190 for 16 blocks.
    """
    steps: list[nn.Module] = []
    width = spec.width
    for factor in spec.factors:
        narrow = max(width // 2, spec.output_channels)
        enlarge = TriplingConvolution(width, narrow) if factor == 3 else ResizeConvolution(width, narrow, bias=True)
        steps += [enlarge, nn.ReLU(inplace=True)]
        width = narrow
    if steps:
        steps += [nn.Conv2d(width, width, 3, padding=1), nn.ReLU(inplace=True)]
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
