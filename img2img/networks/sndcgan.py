"""SNDCGAN: DCGAN's successor without residuals (arXiv:1802.05957, table 3)."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from img2img.config.networks import CriticNorm, SNDCGANCriticSpec

from .critic import Critic
from .norms import constrained
from .projection import ProjectionScore


class SNDCGANCritic(Critic):
    """3x3 convolutions and strided 4x4 ones in turn, three halvings, and one dense layer over the whole map.

    (N, input_channels, size, size) in [-1, 1], next to labels (N, given_channels), one-hot -> scores (N, 1). The widths
    are those of the authors' code, which doubles where it halves.
    """

    def __init__(self, spec: SNDCGANCriticSpec) -> None:
        super().__init__()
        widths = [spec.width * 2**level for level in range(4)]
        self.enter = _stage(spec.input_channels, spec.width, 3, spec.norm)
        self.down = nn.ModuleList(
            nn.Sequential(_stage(fine, coarse, 4, spec.norm), _stage(coarse, coarse, 3, spec.norm))
            for fine, coarse in pairwise(widths)
        )
        self.score = ProjectionScore(widths[-1] * (spec.size // 8) ** 2, spec.given_channels, spec.norm)

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        found = [self.enter(image)]
        for stage in self.down:
            found.append(stage(found[-1]))
        return [*found, self.score(found[-1].flatten(1), given)]


def _stage(before: int, after: int, kernel: int, norm: CriticNorm) -> nn.Sequential:
    """A convolution, which halves where its kernel is even, and a leaky ReLU of slope 0.1."""
    layer = nn.Conv2d(before, after, kernel, stride=2 - kernel % 2, padding=1)
    return nn.Sequential(constrained(layer, norm), nn.LeakyReLU(0.1, inplace=True))
