"""The progressively grown pair (arXiv:1710.10196, table 2)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from img2img.config.networks.samplers import ProgressiveSpec
from img2img.config.networks.whole_critics import ProgressiveCriticSpec, WholeNorm
from img2img.networks.layers.equalised import Activation, EqualisedConvolution, EqualisedLinear, pixel_norm
from img2img.networks.layers.growing import Growing, averaged, enlarged
from img2img.networks.layers.minibatch import MinibatchStd
from img2img.networks.layers.norms import normalisation

from .generator import Generator, with_class
from .whole_critic import WholeCritic, on_planes, shared_input


class ProgressiveGenerator(Generator):
    """A dense layer to 4 px, two 3x3 convolutions at each size, a picture from the last two that have grown.

    The pictures are (N, channels, size, size) at every time; before the end their pixels come in squares.
    """

    def __init__(self, spec: ProgressiveSpec) -> None:
        super().__init__(spec)
        widths = spec.widths
        self.size = spec.size
        self.growth = Growing(len(widths))
        self.enter = EqualisedLinear(spec.latent + spec.classes, widths[0] * 4**2)
        self.first = PixelNormed(widths[0], widths[0])
        self.blocks = nn.ModuleList(
            nn.Sequential(PixelNormed(before, after), PixelNormed(after, after)) for before, after in pairwise(widths)
        )
        self.pictures = nn.ModuleList(EqualisedConvolution(width, spec.channels, 1) for width in widths)
        self.activation = Activation()

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        level = self.growth.level
        vector = with_class(pixel_norm(latent), label, self.classes)
        features = self.first(pixel_norm(self.activation(self.enter(vector).unflatten(1, (-1, 4, 4)))))
        for index in range(level):
            features = self._doubled(features, index)
        picture = self.pictures[level](features)
        if self.growth.fades:
            fine = self.pictures[level + 1](self._doubled(features, level))
            picture = self.growth.blended(enlarged(picture, fine.shape[-1]), fine)
        return torch.tanh(enlarged(picture, self.size))

    def reals(self, real: Tensor) -> dict[str, Tensor]:
        """Real pictures in the detail that the generator's have now."""
        return {name: self.growth.seen(image) for name, image in super().reals(real).items()}

    def _doubled(self, features: Tensor, index: int) -> Tensor:
        doubled: Tensor = self.blocks[index](enlarged(features, 2 * features.shape[-1]))
        return doubled


class PixelNormed(nn.Module):
    """A 3x3 convolution, a leaky ReLU, pixel norm. (N, before, H, W) -> (N, after, H, W)."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.convolution = EqualisedConvolution(before, after, 3)
        self.activation = Activation()

    def forward(self, image: Tensor) -> Tensor:
        return pixel_norm(self.activation(self.convolution(image)))


class ProgressiveCritic(WholeCritic):
    """The generator's mirror image: two 3x3 convolutions at each size and an average, at 4 px the batch's deviation.

    It averages its pictures to the size that it has grown to.
    """

    def __init__(self, spec: ProgressiveCriticSpec) -> None:
        widths = spec.widths
        super().__init__(spec, widths[-1], dense=EqualisedLinear)
        self.growth = Growing(len(widths))
        inputs = spec.input_channels + shared_input(spec)
        # Both begin with the smallest size.
        self.enter = nn.ModuleList(_activated(inputs, width, 1, "none") for width in reversed(widths))
        self.blocks = nn.ModuleList(
            nn.Sequential(_activated(fine, fine, 3, spec.norm), _activated(fine, coarse, 3, spec.norm), nn.AvgPool2d(2))
            for coarse, fine in pairwise(reversed(widths))
        )
        self.across = MinibatchStd()
        self.shape = _activated(widths[-1] + 1, widths[-1], 3, "none")
        self.dense = nn.Sequential(nn.Flatten(), EqualisedLinear(widths[-1] * 4**2, widths[-1]), Activation())

    def trunk(self, image: Tensor, label: Tensor | None) -> list[Tensor]:
        level = self.growth.level
        image = on_planes(image, label)
        features = self.enter[level](averaged(image, 4 << level))
        if self.growth.fades:
            fine = self.blocks[level](self.enter[level + 1](averaged(image, 8 << level)))
            features = self.growth.blended(features, fine)
        found = [features]
        for block in reversed(self.blocks[:level]):
            found.append(block(found[-1]))
        shaped = self.shape(self.across(found[-1]))
        return [*found, shaped, self.dense(shaped)]


def _activated(before: int, after: int, kernel: int, norm: WholeNorm) -> nn.Sequential:
    return nn.Sequential(EqualisedConvolution(before, after, kernel), normalisation(norm, after), Activation())
