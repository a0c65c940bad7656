"""The critic of the Context Encoder (arXiv:1604.07379, section 3.2), after DCGAN's (arXiv:1511.06434, section 3)."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from img2img.config.networks.critics import ContextCriticSpec
from img2img.networks.layers.norms import constrained, needs_bias, normalisation

from .critic import Critic, beside, in_turn


class ContextCritic(Critic):
    """Strided 4x4 convolutions, and a last one that takes all of the 4 px that are left for one score.

    (N, input_channels, H, W) in [-1, 1], next to (N, given_channels, H, W) -> scores (N, 1, h, w); one for a picture of
    4 * 2^layers px, a map of them for a larger one.
    """

    def __init__(self, spec: ContextCriticSpec) -> None:
        super().__init__()
        inputs = spec.input_channels + spec.given_channels
        widths = [spec.width * max(8 >> level, 1) for level in reversed(range(spec.layers))]
        self.stages = nn.ModuleList(
            _stage(spec, index, before, after) for index, (before, after) in enumerate(pairwise([inputs, *widths]))
        )
        self.score = constrained(nn.Conv2d(widths[-1], 1, 4), spec.norm)

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        found = in_turn(self.stages, beside(image, given))
        return [*found, self.score(found[-1])]


def _stage(spec: ContextCriticSpec, index: int, before: int, after: int) -> nn.Sequential:
    """Convolution, norm, leaky ReLU; the first is not normalised."""
    norm = spec.norm if index else "none"
    layer = nn.Conv2d(before, after, 4, stride=2, padding=1, bias=needs_bias(norm))
    return nn.Sequential(constrained(layer, spec.norm), normalisation(norm, after), nn.LeakyReLU(0.2, inplace=True))
