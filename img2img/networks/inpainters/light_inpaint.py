"""Inpainting for CPUs: a small U-Net, whose picture is added to a smooth fill.

After EDSR's blocks without norms (arXiv:1707.02921, section 3.1), dilated as in Iizuka et al. 2017.
"""

from __future__ import annotations

from itertools import cycle, islice

import torch
from torch import Tensor, nn
from torch.nn.functional import pixel_unshuffle

from img2img.config.networks.inpainters import LightInpaintSpec
from img2img.networks.layers.noise import NoisePlane
from img2img.networks.layers.smooth_fill import smooth_fill
from img2img.networks.layers.upsampling import BilinearShuffle, doubling, shuffled

from .inpainter import Inpainter, blanked

DILATIONS = (1, 2, 4, 8)
"""Of the blocks at an eighth of the size, over and over: four see 152 px to each side."""

STIR = 0.5
"""What torch's first weights of the noise are multiplied by. Not 0: the gradient of noise that the picture does not
depend on is zero on average."""


class LightInpaint(Inpainter):
    """Three scales down, residual blocks with growing dilation, up again: what the smooth fill is short of.

    (N, channels + 1, H, W) -> (N, channels, H, W), about [-1, 1]; H and W multiples of 8. As built it is the smooth
    fill: the last convolution begins at zero. With noise in the hole, and doublings that are alike everywhere, textures
    can be made of the noise; from a smooth fill alone there is only what repeats.
    """

    def __init__(self, spec: LightInpaintSpec) -> None:
        super().__init__()
        half, quarter, eighth = spec.width // 2, spec.width, 2 * spec.width

        def activated(layer: nn.Module) -> nn.Sequential:
            return nn.Sequential(layer, _activation(spec.slope))

        def doubled(coarse: int, fine: int) -> nn.Module:
            # By nearest neighbour each of 2 x 2 px has weights of its own, and a lattice of 4 px was what a critic got.
            if spec.noise:
                return BilinearShuffle(coarse, fine)
            return doubling("resize", coarse, fine, kernel=3, bias=True)

        self.enter = activated(nn.Conv2d(4 * (spec.channels + 1), half, 3, padding=1))
        self.noise = NoisePlane() if spec.noise else None
        if self.noise:
            self.stir = nn.Conv2d(4, half, 3, padding=1, bias=False)
            with torch.no_grad():
                self.stir.weight *= STIR
        self.down = nn.ModuleList(
            activated(nn.Conv2d(fine, coarse, 3, stride=2, padding=1))
            for fine, coarse in ((half, quarter), (quarter, eighth))
        )
        self.blocks = nn.Sequential(
            *(DilatedBlock(eighth, d, spec.slope) for d in islice(cycle(DILATIONS), spec.blocks))
        )
        self.up = nn.ModuleList(
            activated(doubled(coarse, fine)) for coarse, fine in ((eighth, quarter), (quarter, half))
        )
        self.same = nn.ModuleList(activated(nn.Conv2d(width, width, 3, padding=1)) for width in (quarter, half))
        self.leave = doubled(half, spec.channels) if spec.noise else shuffled(half, spec.channels, 2)
        for parameter in self.leave.parameters():
            nn.init.zeros_(parameter)

    def stages(self, masked: Tensor) -> list[Tensor]:
        known, mask = blanked(masked)
        smooth = smooth_fill(known, mask)
        convolve, activate = self.enter
        fine = convolve(pixel_unshuffle(torch.cat([smooth, mask], dim=1), 2))
        if self.noise:
            fine = fine + self.stir(pixel_unshuffle(self.noise(mask) * mask, 2))
        fine = activate(fine)
        middle = self.down[0](fine)
        features = self.blocks(self.down[1](middle))
        features = self.same[0](self.up[0](features) + middle)
        features = self.same[1](self.up[1](features) + fine)
        return [smooth + self.leave(features)]


class DilatedBlock(nn.Module):
    """A dilated convolution, an activation, a plain one, around a skip. (N, C, H, W) -> (N, C, H, W).

    As built it passes on what it is given. With torch's first weights activations had grown from 0.04 to 10 over six
    blocks when a run had ended.
    """

    def __init__(self, channels: int, dilation: int, slope: float) -> None:
        super().__init__()
        last = nn.Conv2d(channels, channels, 3, padding=1)
        for parameter in last.parameters():
            nn.init.zeros_(parameter)
        self.change = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation), _activation(slope), last
        )

    def forward(self, features: Tensor) -> Tensor:
        change: Tensor = self.change(features)
        return change.add_(features)


def _activation(slope: float) -> nn.Module:
    return nn.LeakyReLU(slope, inplace=True) if slope else nn.ReLU(inplace=True)
