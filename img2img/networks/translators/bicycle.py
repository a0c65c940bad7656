"""The U-Net of BicycleGAN, which is told a latent in every level of the way down (arXiv:1711.11586, section 4 and
figure 3)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from img2img.config.networks.told_translators import BicycleSpec
from img2img.networks.layers.norms import needs_bias, normalisation
from img2img.networks.layers.planes import with_planes
from img2img.networks.layers.upsampling import doubling


class Bicycle(nn.Module):
    """Halve `levels` times, the latent as planes beside each level's input; double as often, each level's map beside
    its twin's.

    (N, input_channels, H, W) in [-1, 1], latents (N, latent) -> (N, output_channels, H, W) in [-1, 1]; H and W
    multiples of 2^levels, px.
    """

    def __init__(self, spec: BicycleSpec) -> None:
        super().__init__()
        widths = [spec.width * min(2**level, 8) for level in range(spec.levels)]
        levels = list(enumerate(pairwise([spec.input_channels, *widths])))
        self.encoder = nn.ModuleList(_down(spec, level, fine, coarse) for level, (fine, coarse) in levels)
        self.decoder = nn.ModuleList(
            _up(spec, level, coarse, fine if level else spec.output_channels)
            for level, (fine, coarse) in reversed(levels)
        )

    def forward(self, image: Tensor, latent: Tensor) -> Tensor:
        skips: list[Tensor] = []
        for down in self.encoder:
            image = down(with_planes(image, latent))
            skips.append(image)
        image = self.decoder[0](skips.pop())
        for up in self.decoder[1:]:
            image = up(torch.cat([skips.pop(), image], dim=1))
        return torch.tanh(image)


def _down(spec: BicycleSpec, level: int, fine: int, coarse: int) -> nn.Sequential:
    """Convolution, norm, leaky ReLU. Neither end is normalised: the innermost map may be one pixel."""
    norm = spec.norm if 0 < level < spec.levels - 1 else "none"
    layer = nn.Conv2d(fine + spec.latent, coarse, 4, stride=2, padding=1, bias=needs_bias(spec.norm))
    return nn.Sequential(layer, normalisation(norm, coarse), nn.LeakyReLU(0.2))


def _up(spec: BicycleSpec, level: int, coarse: int, fine: int) -> nn.Sequential:
    """ReLU, doubling, norm; the outermost without."""
    inputs = coarse if level == spec.levels - 1 else 2 * coarse
    bias = needs_bias(spec.norm) or level == 0
    layer = doubling(spec.upsample, inputs, fine, kernel=4, bias=bias)
    return nn.Sequential(nn.ReLU(), layer, normalisation(spec.norm if level else "none", fine))
