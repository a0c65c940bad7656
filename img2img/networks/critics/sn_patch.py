"""SN-PatchGAN, the critic of DeepFill v2 (arXiv:1806.03589, section 3.2)."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from img2img.config.networks.critics import SNPatchSpec
from img2img.networks.layers.norms import constrained

from .critic import Critic, beside


class SNPatchGAN(Critic):
    """Strided 5x5 convolutions with spectral norm; what the last one gives is all scores, a critic for each number.

    (N, input_channels, H, W) in [-1, 1], next to (N, given_channels, H, W) -> scores (N, 4 * width, h, w), h and w the
    sides halved `layers` times, rounded up.
    """

    def __init__(self, spec: SNPatchSpec) -> None:
        super().__init__()
        widths = [spec.width * min(2**level, 4) for level in range(spec.layers)]
        inputs = spec.input_channels + spec.given_channels
        self.layers = nn.ModuleList(
            constrained(nn.Conv2d(before, after, 5, stride=2, padding=2), spec.norm)
            for before, after in pairwise([inputs, *widths])
        )
        self.activation = nn.LeakyReLU(0.2, inplace=True)

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        found = [beside(image, given)]
        for layer in self.layers[:-1]:
            found.append(self.activation(layer(found[-1])))
        return [*found[1:], self.layers[-1](found[-1])]
