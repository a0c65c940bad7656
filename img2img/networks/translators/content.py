"""Translators by way of a content: UNIT (arXiv:1703.00848) and MUNIT (arXiv:1804.04732, appendix B.1)."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

import torch
from torch import Tensor, nn

from img2img.config.networks.content import ContentSpec, MunitSpec
from img2img.networks.entered import Entered
from img2img.networks.layers.initialise import initialise_for_relu
from img2img.networks.layers.norms import normalisation


class ContentTranslator(Entered):
    """An encoder of pictures of one domain to contents, and a decoder of contents to pictures of the other.

    (N, input_channels, H, W) in [-1, 1], for MUNIT with styles (N, latent) -> (N, output_channels, H, W) in [-1, 1]; H
    and W as `spec.needs` says.
    """

    entrances: ClassVar[tuple[str, ...]] = ("content", "decode")

    def __init__(self, spec: ContentSpec) -> None:
        super().__init__()
        self.encoder = ContentEncoder(spec)
        self.decoder = Decoder(spec)

    def content(self, image: Tensor) -> Tensor:
        """(N, input_channels, H, W) -> (N, content_channels, H / 2^downsamplings, W / 2^downsamplings)."""
        found: Tensor = self.encoder(image)
        return found

    def decode(self, content: Tensor, style: Tensor | None = None) -> Tensor:
        """A content, and a style (N, latent) where the network has such -> pictures of the other domain."""
        picture: Tensor = self.decoder(content, style)
        return picture

    def forward(self, image: Tensor, style: Tensor | None = None) -> Tensor:
        return self.decode(self.content(image), style)


class ContentEncoder(nn.Module):
    """A 7x7 convolution, 4x4 ones at stride 2, residual blocks, all with instance norm, which takes the style away."""

    def __init__(self, spec: ContentSpec) -> None:
        super().__init__()
        widths = [spec.width * 2**level for level in range(spec.downsamplings + 1)]
        stages = [_convolved(spec.input_channels, widths[0], 7, 1)]
        stages += [_convolved(fine, coarse, 4, 2) for fine, coarse in pairwise(widths)]
        self.stages = nn.Sequential(*stages)
        self.blocks = nn.ModuleList(Block(widths[-1]) for _ in range(spec.blocks))

    def forward(self, image: Tensor) -> Tensor:
        image = self.stages(image)
        for block in self.blocks:
            image = block(image)
        return image


class Decoder(nn.Module):
    """Residual blocks, whose norms take slopes and offsets from the style where there is one; nearest enlargement and a
    5x5 convolution with layer norm for each doubling; a 7x7 convolution and tanh.
    """

    def __init__(self, spec: ContentSpec) -> None:
        super().__init__()
        channels = spec.content_channels
        self.blocks = nn.ModuleList(Block(channels) for _ in range(spec.blocks))
        self.dense: nn.Module | None = None
        if isinstance(spec, MunitSpec):
            taken = 4 * channels * spec.blocks  # a slope and an offset for each of two norms
            self.dense = nn.Sequential(
                nn.Linear(spec.latent, spec.dense), nn.ReLU(),
                nn.Linear(spec.dense, spec.dense), nn.ReLU(),
                nn.Linear(spec.dense, taken),
            )  # fmt: skip
            # As torch draws them, slopes begin at 0.1, and styles make hardly a difference. In convolutions, whose
            # scale norms take away, torch's weights learn sooner than He's: UNIT's L1 of rebuilding was 0.112, not
            # 0.144, at step 100 on drawn shapes (width 16, batches of 2).
            initialise_for_relu(self.dense)
        widths = [channels // 2**level for level in range(spec.downsamplings + 1)]
        self.up = nn.Sequential(*(_doubled(coarse, fine) for coarse, fine in pairwise(widths)))
        self.leave = nn.Conv2d(widths[-1], spec.output_channels, 7, padding=3, padding_mode="reflect")

    def forward(self, content: Tensor, style: Tensor | None = None) -> Tensor:
        parts: list[Tensor | None] = [None] * len(self.blocks)
        if self.dense is not None:
            assert style is not None, "this network takes a style for every picture"
            parts = list(self.dense(style).chunk(len(self.blocks), dim=1))
        for block, part in zip(self.blocks, parts, strict=True):
            content = block(content, part)
        return torch.tanh(self.leave(self.up(content)))


class Block(nn.Module):
    """Two 3x3 convolutions around a skip. adapted: slopes and offsets for both norms, (N, 4 C) (AdaIN,
    arXiv:1703.06868, equation 8). (N, C, H, W) -> (N, C, H, W).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect")
        self.second = nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect")
        self.norm = normalisation("instance", channels)

    def forward(self, image: Tensor, adapted: Tensor | None = None) -> Tensor:
        early, late = (None, None) if adapted is None else adapted.chunk(2, dim=1)
        change = torch.relu(self._normed(self.first(image), early))
        return image + self._normed(self.second(change), late)

    def _normed(self, image: Tensor, adapted: Tensor | None) -> Tensor:
        normed: Tensor = self.norm(image)
        if adapted is None:
            return normed
        slope, offset = adapted[:, :, None, None].chunk(2, dim=1)
        return normed * slope + offset


def _convolved(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Sequential:
    padding = (kernel - 1) // 2
    layer = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=padding, padding_mode="reflect")
    return nn.Sequential(layer, normalisation("instance", outputs), nn.ReLU(inplace=True))


def _doubled(inputs: int, outputs: int) -> nn.Sequential:
    layer = nn.Conv2d(inputs, outputs, 5, padding=2, padding_mode="reflect")
    return nn.Sequential(nn.Upsample(scale_factor=2), layer, normalisation("layer", outputs), nn.ReLU(inplace=True))
