"""The energy critic on pictures: an autoencoder, and what it fails to reproduce (EBGAN arXiv:1609.03126, section 2.1;
BEGAN arXiv:1703.10717, section 3.1)."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from img2img.config.networks.critics import AutoencoderSpec
from img2img.networks.layers.norms import single
from img2img.networks.layers.upsampling import doubling

from .critic import Critic, beside


class Autoencoder(Critic):
    """Strided convolutions down to a code, resize-convolutions back; score = -mean |x - AE(x)|^exponent.

    (N, C, H, W) in [-1, 1] beside its condition, H and W multiples of 2^layers -> scores (N, 1), at most 0; features
    are [code (N, code, h, w), score].
    """

    def __init__(self, spec: AutoencoderSpec) -> None:
        super().__init__()
        channels = spec.input_channels + spec.given_channels
        widths = [spec.width * min(2**level, 8) for level in range(spec.layers)]
        down = [_activated(nn.Conv2d(a, b, 4, stride=2, padding=1)) for a, b in pairwise([channels, *widths])]
        up = [
            _activated(doubling("resize", a, b, kernel=4, bias=True)) for a, b in pairwise([*widths[::-1], spec.width])
        ]
        self.exponent = spec.exponent
        self.encoder = nn.Sequential(*down, nn.Conv2d(widths[-1], spec.code, 3, padding=1))
        self.decoder = nn.Sequential(
            _activated(nn.Conv2d(spec.code, widths[-1], 3, padding=1)),
            *up,
            nn.Conv2d(spec.width, channels, 3, padding=1),
        )

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        whole = beside(image, given)
        code = self.encoder(whole)
        error = single(whole - self.decoder(code)).abs() ** self.exponent
        return [code, -error.flatten(1).mean(dim=1, keepdim=True)]


def _activated(layer: nn.Module) -> nn.Sequential:
    return nn.Sequential(layer, nn.LeakyReLU(0.2, inplace=True))
