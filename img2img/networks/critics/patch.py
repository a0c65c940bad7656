"""PatchGAN: a score for every patch of a picture (arXiv:1611.07004, section 6.1.2), and the 1x1 PixelGAN."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from img2img.config.networks.critics import PatchSpec
from img2img.networks.layers.minibatch import across_batch
from img2img.networks.layers.norms import constrained, needs_bias, normalisation
from img2img.networks.layers.resample import BlurPool

from .critic import Critic, beside


class PatchGAN(Critic):
    """`layers` strided 4x4 convolutions, two more at stride 1, and a score for each patch of `spec.receptive_field` px.

    (N, input_channels, H, W) in [-1, 1], next to (N, given_channels, H, W) -> scores (N, 1, h, w).
    """

    def __init__(self, spec: PatchSpec) -> None:
        super().__init__()
        inputs = spec.input_channels + spec.given_channels
        widths = [spec.width * min(2**level, 8) for level in range(max(spec.layers, 1) + 1)]
        self.stages = nn.ModuleList(
            _stage(spec, level, before, after) for level, (before, after) in enumerate(pairwise([inputs, *widths]))
        )
        self.minibatch, channels = across_batch(spec.minibatch, widths[-1])
        self.score = constrained(_convolution(spec, channels, 1, stride=1, bias=True), spec.norm)

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        found = [beside(image, given)]
        for stage in self.stages:
            found.append(stage(found[-1]))
        return [*found[1:], self.score(self.minibatch(found[-1]))]


def _stage(spec: PatchSpec, level: int, before: int, after: int) -> nn.Sequential:
    """Convolution, norm, leaky ReLU; the first is not normalised, so that it sees colours as they are."""
    norm = spec.norm if level else "none"
    halves = level < spec.layers
    blur = [BlurPool()] if halves and spec.antialias else []
    layer = _convolution(spec, before, after, 2 if halves and not blur else 1, bias=needs_bias(norm))
    # In place it overwrites what the norm or the convolution returned, which neither needs for its gradient.
    normed = constrained(layer, spec.norm), normalisation(norm, after), nn.LeakyReLU(0.2, inplace=True)
    return nn.Sequential(*normed, *blur)


def _convolution(spec: PatchSpec, before: int, after: int, stride: int, bias: bool) -> nn.Conv2d:
    if spec.layers == 0:
        return nn.Conv2d(before, after, 1, bias=bias)
    return nn.Conv2d(before, after, 4, stride=stride, padding=1, bias=bias)
