"""The discriminator of SRGAN: one score for a whole picture (arXiv:1609.04802, figure 4)."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from img2img.config.networks.critics import SRGANCriticSpec
from img2img.networks.layers.norms import constrained, needs_bias, normalisation

from .critic import Critic, beside, in_turn


class SRGANCritic(Critic):
    """Eight 3x3 convolutions, every second one strided, averaged to `pooled` px, two dense layers.

    (N, input_channels, H, W) in [-1, 1], next to (N, given_channels, H, W), at least 16 px -> scores (N, 1).
    """

    def __init__(self, spec: SRGANCriticSpec) -> None:
        super().__init__()
        widths = [spec.width * 2**level for level in range(4) for _ in range(2)]
        inputs = spec.input_channels + spec.given_channels
        self.stages = nn.ModuleList(
            _stage(spec, index, before, after) for index, (before, after) in enumerate(pairwise([inputs, *widths]))
        )
        self.pool = nn.AdaptiveAvgPool2d(spec.pooled)
        self.hidden = nn.Sequential(
            nn.Flatten(),
            constrained(nn.Linear(widths[-1] * spec.pooled**2, 16 * spec.width), spec.norm),
            nn.LeakyReLU(0.2, inplace=True),
        )
        self.score = constrained(nn.Linear(16 * spec.width, 1), spec.norm)

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        found = in_turn(self.stages, beside(image, given))
        hidden = self.hidden(self.pool(found[-1]))
        return [*found, hidden, self.score(hidden)]


def _stage(spec: SRGANCriticSpec, index: int, before: int, after: int) -> nn.Sequential:
    """Convolution, norm, leaky ReLU; the first is not normalised."""
    norm = spec.norm if index else "none"
    layer = nn.Conv2d(before, after, 3, stride=1 + index % 2, padding=1, bias=needs_bias(norm))
    return nn.Sequential(constrained(layer, spec.norm), normalisation(norm, after), nn.LeakyReLU(0.2, inplace=True))
