"""The U-Net generator of pix2pix (arXiv:1611.07004, section 6.1.1)."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

import torch
from torch import Tensor, nn

from img2img.config.networks.translators import PICTURE, UNetSpec
from img2img.networks.layers.label_planes import reader_of
from img2img.networks.layers.noise import LayerNoise
from img2img.networks.layers.norms import needs_bias, normalisation
from img2img.networks.layers.upsampling import doubling

from .translator import RESULT, Translator


class UNet(Translator):
    """Halve `levels` times, double as often, and hand every level of the way down to its twin on the way up.

    (N, input_channels, H, W) -> (N, output_channels, H, W), both in [-1, 1]; H and W multiples of 2^levels, px.
    """

    def __init__(self, spec: UNetSpec) -> None:
        super().__init__()
        widths = [spec.width * min(2**level, 8) for level in range(spec.levels)]
        levels = list(enumerate(pairwise([spec.planes, *widths])))
        self.read = reader_of(spec.labels, spec.instances)
        self.encoder = nn.ModuleList(_down(spec, level, fine, coarse) for level, (fine, coarse) in levels)
        self.decoder = nn.ModuleList(
            _up(spec, level, coarse, fine if level else spec.output_channels)
            for level, (fine, coarse) in reversed(levels)
        )

    def activations(self, image: Tensor, names: Collection[str]) -> dict[str, Tensor]:
        image = self.read(image)
        found = {PICTURE: image} if PICTURE in names else {}
        skips: list[Tensor] = []
        for number, down in enumerate(self.encoder, start=1):
            if len(found) == len(names):
                break
            image = down(image)
            skips.append(image)
            if f"down{number}" in names:
                found[f"down{number}"] = image
        if RESULT not in names:
            return found
        image = self.decoder[0](skips.pop())
        for up in self.decoder[1:]:
            image = up(torch.cat([skips.pop(), image], dim=1))
        return {**found, RESULT: torch.tanh(image)}


def _down(spec: UNetSpec, level: int, fine: int, coarse: int) -> nn.Sequential:
    """Convolution, norm, leaky ReLU. Neither end is normalised: the innermost map is one pixel, its norm would be 0."""
    norm = spec.norm if 0 < level < spec.levels - 1 else "none"
    return nn.Sequential(
        nn.Conv2d(fine, coarse, 4, stride=2, padding=1, bias=needs_bias(spec.norm)),
        normalisation(norm, coarse),
        # In place, so skips carry it too; the ReLU on the way up makes the same of it as of what it replaced.
        nn.LeakyReLU(0.2, inplace=True),
    )


def _up(spec: UNetSpec, level: int, coarse: int, fine: int) -> nn.Sequential:
    """ReLU, doubling, norm, dropout, noise. Three levels above the innermost have dropout, the outermost is bare."""
    innermost = level == spec.levels - 1
    stage = [
        nn.ReLU(inplace=not innermost),  # the innermost gets no fresh concatenation that it could overwrite
        doubling(
            spec.upsample,
            coarse if innermost else 2 * coarse,
            fine,
            kernel=4,
            bias=needs_bias(spec.norm) or level == 0,
        ),
    ]
    if level > 0:
        stage.append(normalisation(spec.norm, fine))
    if spec.levels - 4 <= level < spec.levels - 1 and level > 0:
        stage.append(nn.Dropout(spec.dropout))
    if level > 0 and spec.layer_noise:
        stage.append(LayerNoise(spec.layer_noise))
    return nn.Sequential(*stage)
