"""The U-Net discriminator of Real-ESRGAN: a score for every pixel (arXiv:2107.10833, section 3.4 and figure 6)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import interpolate

from img2img.config.networks.critics import UNetCriticSpec
from img2img.networks.layers.norms import constrained

from .critic import Critic, beside


class UNetCritic(Critic):
    """Three strided convolutions down, as many bilinear ones up, each joined to its twin by a sum, three on top.

    (N, input_channels, H, W) in [-1, 1], next to (N, given_channels, H, W), H and W multiples of 8 -> scores
    (N, 1, H, W). All but the first and the last convolution have spectral norm.
    """

    def __init__(self, spec: UNetCriticSpec) -> None:
        super().__init__()
        width = spec.width
        self.enter = _activated(nn.Conv2d(spec.input_channels + spec.given_channels, width, 3, padding=1))
        self.down = nn.ModuleList(
            _activated(constrained(nn.Conv2d(width * level, 2 * width * level, 4, 2, padding=1, bias=False), spec.norm))
            for level in (1, 2, 4)
        )
        self.up = nn.ModuleList(_same(spec, 2 * width * level, width * level) for level in (4, 2, 1))
        self.top = nn.ModuleList(_same(spec, width, width) for _ in range(2))
        self.score = nn.Conv2d(width, 1, 3, padding=1)

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        found = [self.enter(beside(image, given))]
        for stage in self.down:
            found.append(stage(found[-1]))
        skips = found[:-1]
        for stage in self.up:
            enlarged = interpolate(found[-1], scale_factor=2.0, mode="bilinear")
            found.append(stage(enlarged) + skips.pop())
        for stage in self.top:
            found.append(stage(found[-1]))
        return [*found, self.score(found[-1])]


def _same(spec: UNetCriticSpec, before: int, after: int) -> nn.Sequential:
    return _activated(constrained(nn.Conv2d(before, after, 3, padding=1, bias=False), spec.norm))


def _activated(layer: nn.Module) -> nn.Sequential:
    return nn.Sequential(layer, nn.LeakyReLU(0.2, inplace=True))
