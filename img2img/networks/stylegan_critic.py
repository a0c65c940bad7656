"""The residual critic of StyleGAN2 (arXiv:1912.04958, section 4.1)."""

from __future__ import annotations

import math
from itertools import pairwise

from torch import Tensor, nn

from img2img.config.whole_critics import StyleGANCriticSpec, WholeNorm

from .binomial import blurred, halved
from .equalised import Activation, EqualisedConvolution, EqualisedLinear
from .minibatch import MinibatchStd
from .norms import normalisation
from .whole_critic import WholeCritic, on_planes, shared_input


class StyleGANCritic(WholeCritic):
    """A 1x1 convolution, residual blocks that halve to 4 px, the batch's deviation, a 3x3 and a dense layer."""

    def __init__(self, spec: StyleGANCriticSpec) -> None:
        widths = spec.widths
        super().__init__(spec, widths[-1], dense=EqualisedLinear)
        self.enter = nn.Sequential(
            EqualisedConvolution(spec.input_channels + shared_input(spec), widths[0], 1), Activation()
        )
        self.blocks = nn.ModuleList(HalvingBlock(fine, coarse, spec.norm) for fine, coarse in pairwise(widths))
        self.across = MinibatchStd()
        self.shape = nn.Sequential(EqualisedConvolution(widths[-1] + 1, widths[-1], 3), Activation())
        self.dense = nn.Sequential(nn.Flatten(), EqualisedLinear(widths[-1] * 4**2, widths[-1]), Activation())

    def trunk(self, image: Tensor, label: Tensor | None) -> list[Tensor]:
        found = [self.enter(on_planes(image, label))]
        for block in self.blocks:
            found.append(block(found[-1]))
        shaped = self.shape(self.across(found[-1]))
        return [*found, shaped, self.dense(shaped)]


class HalvingBlock(nn.Module):
    """Two 3x3 convolutions, the second blurred and strided, next to a blurred, strided 1x1 one; over the root of 2.

    (N, before, H, W) -> (N, after, H / 2, W / 2).
    """

    def __init__(self, before: int, after: int, norm: WholeNorm) -> None:
        super().__init__()
        self.first = nn.Sequential(EqualisedConvolution(before, before, 3), normalisation(norm, before), Activation())
        self.second = EqualisedConvolution(before, after, 3, stride=2, padding=0)
        self.after = nn.Sequential(normalisation(norm, after), Activation())
        self.skip = EqualisedConvolution(before, after, 1, bias=False)

    def forward(self, image: Tensor) -> Tensor:
        change: Tensor = self.after(self.second(blurred(self.first(image), padding=2)))
        # The root keeps the variance of a sum of two.
        return (change + self.skip(halved(image))) / math.sqrt(2)
