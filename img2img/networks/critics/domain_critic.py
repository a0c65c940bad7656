"""The critic of StarGAN: a score for every patch, and which domain the picture is of (arXiv:1711.09020, table 5)."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from img2img.config.networks.critics import DomainCriticSpec
from img2img.networks.layers.initialise import initialise_for_relu
from img2img.networks.layers.norms import constrained

from .critic import Critic, in_turn


class DomainCritic(Critic):
    """(N, input_channels, size, size) in [-1, 1] -> scores (N, 1, h, w), h and w size / 2^layers.

    It is told nothing: `given` is what it has to find out, and it does not look at it.
    """

    def __init__(self, spec: DomainCriticSpec) -> None:
        super().__init__()
        widths = [spec.input_channels, *(spec.width * 2**level for level in range(spec.layers))]
        self.stages = nn.ModuleList(
            nn.Sequential(
                constrained(nn.Conv2d(before, after, 4, stride=2, padding=1), spec.norm),
                nn.LeakyReLU(0.01, inplace=True),
            )
            for before, after in pairwise(widths)
        )
        self.score = constrained(nn.Conv2d(widths[-1], 1, 3, padding=1, bias=False), spec.norm)
        side = spec.size // 2**spec.layers
        self.reader = constrained(nn.Conv2d(widths[-1], spec.readout, side, bias=False), spec.norm)
        # Without norms torch's weights leave little of a picture after five layers: at width 24, 64 px, the loss of the
        # named domain was 1.28 after 2,200 steps on four domains (guessing has 1.39), with He's 0.54 after 1,500.
        initialise_for_relu(self)

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        found = in_turn(self.stages, image)
        return [*found, self.score(found[-1])]

    def read(self, features: list[Tensor]) -> Tensor:
        """How much the picture with these activations looks like each domain: (N, readout) logits."""
        read: Tensor = self.reader(features[-2])
        return read.flatten(1)
