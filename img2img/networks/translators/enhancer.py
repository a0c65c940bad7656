"""The local enhancer of pix2pixHD around a generator of half the resolution (arXiv:1711.11585, section 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial

import torch
from torch import Tensor, nn

from img2img.config.networks.translators import PICTURE, EnhancerSpec
from img2img.networks.layers.borders import ReflectingConvolution
from img2img.networks.layers.label_planes import reader_of
from img2img.networks.layers.norms import needs_bias, normalisation
from img2img.networks.layers.resample import doubled, mean_halved
from img2img.networks.layers.upsampling import doubling

from .resnet import FEATURES, ResidualBlock, ResNet
from .translator import RESULT, Translator, through


class Enhancer(Translator):
    """Its own convolutions halve the picture, the coarse generator's last features are added, blocks, and up again.

    (N, input_channels, H, W) -> (N, output_channels, H, W), both in [-1, 1]; H and W as `spec.needs` says. Where the
    coarse generator alone has learnt (`spec.coarse_alone`), its picture, enlarged.
    """

    def __init__(self, spec: EnhancerSpec) -> None:
        super().__init__()
        bias, width = needs_bias(spec.norm), spec.width
        self.coarse_alone = spec.coarse_alone
        self.read = reader_of(spec.labels, spec.instances)
        self.coarse = ResNet(spec.coarse)
        self.enter = nn.Sequential(
            ReflectingConvolution(spec.planes, width, 7, bias=bias),
            normalisation(spec.norm, width),
            nn.ReLU(inplace=True),
        )
        self.down = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1, bias=bias)
        self.normed = nn.Sequential(normalisation(spec.norm, 2 * width), nn.ReLU())
        self.blocks = nn.ModuleList(ResidualBlock(2 * width, spec.norm, spec.dropout) for _ in range(spec.local_blocks))
        self.up = nn.Sequential(
            doubling(spec.upsample, 2 * width, width, kernel=3, bias=bias),
            normalisation(spec.norm, width),
            nn.ReLU(inplace=True),
        )
        self.leave = ReflectingConvolution(width, spec.output_channels, 7, bias=True)

    def forward(self, image: Tensor) -> Tensor:
        return self.enlarged_coarse(image) if self.coarse_alone else super().forward(image)

    def activations(self, image: Tensor, names: Collection[str]) -> dict[str, Tensor]:
        planes = self.read(image)
        return through(planes, self._stages(planes), names)

    def coarse_picture(self, image: Tensor) -> Tensor:
        """What the coarse generator alone makes of the picture at half its size: (N, output_channels, H / 2, W / 2)."""
        picture: Tensor = self.coarse(mean_halved(self.read(image)))
        return picture

    def enlarged_coarse(self, image: Tensor) -> Tensor:
        """The same, bilinearly enlarged: (N, output_channels, H, W)."""
        return doubled(self.coarse_picture(image))

    def _stages(self, planes: Tensor) -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
        yield PICTURE, nn.Identity()
        yield "", self.enter
        yield "down1", self.down
        yield "", self.normed
        yield "", partial(self._joined, planes)
        for number, block in enumerate(self.blocks, start=1):
            yield f"block{number}", block
        yield "", self.up
        yield "", self.leave
        yield RESULT, nn.Tanh()

    def _joined(self, planes: Tensor, local: Tensor) -> Tensor:
        return torch.add(local, self.coarse.activations(mean_halved(planes), (FEATURES,))[FEATURES])
