"""The style encoder of MUNIT (arXiv:1804.04732, appendix B.1)."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from img2img.config.networks.encoders import StyleEncoderSpec
from img2img.networks.layers.initialise import initialise_for_relu


class StyleEncoder(nn.Module):
    """A 7x7 convolution, 4x4 ones at stride 2 (the first two double the channels), the mean over the map, a 1x1.

    (N, input_channels, H, W) in [-1, 1] -> (N, codes); H and W as `spec.needs` says.
    """

    def __init__(self, spec: StyleEncoderSpec) -> None:
        super().__init__()
        widths = [spec.width * 2 ** min(level, 2) for level in range(spec.halvings + 1)]
        enter = nn.Conv2d(spec.input_channels, widths[0], 7, padding=3, padding_mode="reflect")
        halves = [
            nn.Conv2d(fine, coarse, 4, stride=2, padding=1, padding_mode="reflect") for fine, coarse in pairwise(widths)
        ]
        self.stages = nn.Sequential(*(part for layer in (enter, *halves) for part in (layer, nn.ReLU(inplace=True))))
        self.reader = nn.Linear(widths[-1], spec.codes)
        # Without norms, weights of N(0, 0.02) leave nothing of a picture in its style: at width 16, codes of 24 drawn
        # pictures differed by 0.00007.
        initialise_for_relu(self)

    def forward(self, image: Tensor) -> Tensor:
        codes: Tensor = self.reader(self.stages(image).mean(dim=(2, 3)))
        return codes
