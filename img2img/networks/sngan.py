"""The residual networks of SNGAN (arXiv:1802.05957, tables 4 to 6)."""

from __future__ import annotations

import math
from itertools import pairwise

from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, relu

from img2img.config.networks import CriticNorm, ResidualCriticSpec

from .critic import Critic
from .norms import constrained
from .projection import ProjectionScore


class SNGANCritic(Critic):
    """Residual blocks, first those that halve the picture; the sum over the map; one score.

    (N, input_channels, H, W) in [-1, 1], H and W as `spec.needs` says, next to labels (N, given_channels), one-hot ->
    scores (N, 1); features are those of each block, their sum, and the scores.
    """

    def __init__(self, spec: ResidualCriticSpec) -> None:
        super().__init__()
        channels = pairwise([spec.input_channels, *spec.widths])
        self.blocks = nn.ModuleList(
            CriticBlock(before, after, spec.norm, activated=level > 0, halve=level < spec.layers)
            for level, (before, after) in enumerate(channels)
        )
        self.score = ProjectionScore(spec.widths[-1], spec.given_channels, spec.norm)

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        found = [image]
        for block in self.blocks:
            found.append(block(found[-1]))
        summed = relu(found[-1]).sum(dim=(2, 3))
        return [*found[1:], summed, self.score(summed, given)]


class CriticBlock(nn.Module):
    """Two 3x3 convolutions next to a skip, averaged over 2x2 px where they halve (figure 8 of the paper).

    (N, before, H, W) -> (N, after, H, W), or half the sides. activated: whether what comes in is rectified first, as
    all but pictures are.
    """

    def __init__(self, before: int, after: int, norm: CriticNorm, *, activated: bool, halve: bool) -> None:
        super().__init__()
        self.activated, self.halve = activated, halve
        self.first = constrained(started(nn.Conv2d(before, after, 3, padding=1), math.sqrt(2)), norm)
        self.second = constrained(started(nn.Conv2d(after, after, 3, padding=1), math.sqrt(2)), norm)
        same = before == after and not halve
        self.skip = nn.Identity() if same else constrained(started(nn.Conv2d(before, after, 1)), norm)

    def forward(self, image: Tensor) -> Tensor:
        change = self.second(relu(self.first(relu(image) if self.activated else image)))
        if self.halve:
            # A 1x1 convolution of averages is the average of the convolution, and takes a quarter of the time.
            return avg_pool2d(change, 2) + self.skip(avg_pool2d(image, 2))
        return change + self.skip(image)


def started(layer: nn.Conv2d | nn.Linear, gain: float = 1.0) -> nn.Conv2d | nn.Linear:
    """The layer with Glorot's uniform weights, times a gain, and biases 0, as the authors' code begins."""
    nn.init.xavier_uniform_(layer.weight, gain)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
