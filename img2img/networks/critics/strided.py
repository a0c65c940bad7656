"""The critic of MUNIT: strided convolutions, and a score of each place left (arXiv:1804.04732, appendix B.1)."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from img2img.config.networks.critics import StridedSpec
from img2img.networks.layers.norms import constrained, needs_bias, normalisation

from .critic import Critic


class Strided(Critic):
    """`layers` 4x4 convolutions at stride 2, each but the first with twice the channels of the one before, and a 1x1.

    (N, input_channels, H, W) in [-1, 1] -> scores (N, 1, h, w).
    """

    def __init__(self, spec: StridedSpec) -> None:
        super().__init__()
        widths = [spec.input_channels, *(spec.width * 2**level for level in range(spec.layers))]
        self.stages = nn.ModuleList(
            _stage(spec, level, before, after) for level, (before, after) in enumerate(pairwise(widths))
        )
        self.score = constrained(nn.Conv2d(widths[-1], 1, 1), spec.norm)

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        found = [image]
        for stage in self.stages:
            found.append(stage(found[-1]))
        return [*found[1:], self.score(found[-1])]


def _stage(spec: StridedSpec, level: int, before: int, after: int) -> nn.Sequential:
    """Convolution with reflected borders, norm, leaky ReLU; the first is not normalised."""
    norm = spec.norm if level else "none"
    layer = nn.Conv2d(before, after, 4, stride=2, padding=1, padding_mode="reflect", bias=needs_bias(norm))
    return nn.Sequential(constrained(layer, spec.norm), normalisation(norm, after), nn.LeakyReLU(0.2, inplace=True))
