"""The residual encoder of BicycleGAN (arXiv:1711.11586, section 4, E_ResNet)."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from img2img.config.networks.encoders import ResidualEncoderSpec
from img2img.networks.layers.norms import normalisation


class ResidualEncoder(nn.Module):
    """A 4x4 convolution at stride 2, blocks that halve, the mean over the map, a linear layer.

    (N, input_channels, H, W) in [-1, 1] -> (N, codes); H and W as `spec.needs` says.
    """

    def __init__(self, spec: ResidualEncoderSpec) -> None:
        super().__init__()
        widths = [spec.width * min(level + 1, 4) for level in range(spec.halvings)]
        self.enter = nn.Conv2d(spec.input_channels, widths[0], 4, stride=2, padding=1)
        self.blocks = nn.Sequential(*(HalvingBlock(fine, coarse) for fine, coarse in pairwise(widths)))
        self.reader = nn.Linear(widths[-1], spec.codes)

    def forward(self, image: Tensor) -> Tensor:
        found = nn.functional.leaky_relu(self.blocks(self.enter(image)), 0.2)
        codes: Tensor = self.reader(found.mean(dim=(2, 3)))
        return codes


class HalvingBlock(nn.Module):
    """Two convolutions, each behind norm and leaky ReLU, and means of 2 x 2 px; the skip is a mean and a 1x1.

    (N, inputs, H, W) -> (N, outputs, H / 2, W / 2).
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.change = nn.Sequential(
            normalisation("instance", inputs),
            nn.LeakyReLU(0.2),
            nn.Conv2d(inputs, inputs, 3, padding=1),
            normalisation("instance", inputs),
            nn.LeakyReLU(0.2),
            nn.Conv2d(inputs, outputs, 3, padding=1),
            nn.AvgPool2d(2),
        )
        self.skip = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(inputs, outputs, 1))

    def forward(self, image: Tensor) -> Tensor:
        changed: Tensor = self.change(image) + self.skip(image)
        return changed
