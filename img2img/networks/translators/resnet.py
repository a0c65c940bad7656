"""The residual generator of CycleGAN (arXiv:1703.10593, appendix 7.2), after Johnson et al. (arXiv:1603.08155)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise

from torch import Tensor, nn

from img2img.config.networks.spec import Norm
from img2img.config.networks.translators import PICTURE, ResnetSpec
from img2img.networks.layers.borders import ReflectingConvolution
from img2img.networks.layers.label_planes import reader_of
from img2img.networks.layers.noise import with_noise
from img2img.networks.layers.norms import needs_bias, normalisation
from img2img.networks.layers.resample import BlurPool
from img2img.networks.layers.upsampling import doubling

from .translator import RESULT, Translator, through

FEATURES = "features"
"""Among its activations: what the last convolution makes a picture of."""


class ResNet(Translator):
    """A 7x7 convolution, strided ones down, residual blocks, up again, a 7x7 convolution and tanh.

    (N, input_channels, H, W) -> (N, output_channels, H, W), both in [-1, 1]; H and W as `spec.needs` says.
    """

    def __init__(self, spec: ResnetSpec) -> None:
        super().__init__()
        bias = needs_bias(spec.norm)
        widths = [spec.width * 2**level for level in range(spec.downsamplings + 1)]
        self.read = reader_of(spec.labels, spec.instances)
        self.enter = nn.Sequential(
            ReflectingConvolution(spec.planes, widths[0], 7, bias=bias), *_normed_relu(spec.norm, widths[0])
        )
        self.down = nn.ModuleList(_halving(spec, fine, coarse, bias) for fine, coarse in pairwise(widths))
        self.blocks = nn.ModuleList(
            ResidualBlock(widths[-1], spec.norm, spec.dropout, spec.layer_noise) for _ in range(spec.blocks)
        )
        self.up = nn.ModuleList(
            nn.Sequential(doubling(spec.upsample, coarse, fine, kernel=3, bias=bias), *_normed_relu(spec.norm, fine))
            for coarse, fine in pairwise(reversed(widths))
        )
        self.leave = ReflectingConvolution(widths[0], spec.output_channels, 7, bias=True)

    def activations(self, image: Tensor, names: Collection[str]) -> dict[str, Tensor]:
        return through(self.read(image), self._stages(), names)

    def _stages(self) -> Iterator[tuple[str, nn.Module]]:
        yield PICTURE, nn.Identity()
        yield "", self.enter
        for number, stage in enumerate(self.down, start=1):
            assert isinstance(stage, nn.Sequential)
            for place, layer in enumerate(stage):
                yield "" if place else f"down{number}", layer
        for number, block in enumerate(self.blocks, start=1):
            yield f"block{number}", block
        for stage in self.up:
            yield "", stage
        yield FEATURES, nn.Identity()
        yield "", self.leave
        yield RESULT, nn.Tanh()


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around a skip, no activation after the sum. (N, C, H, W) -> (N, C, H, W)."""

    def __init__(self, channels: int, norm: Norm, dropout: float, noise: float = 0.0) -> None:
        super().__init__()
        bias = needs_bias(norm)
        self.first = nn.Sequential(
            ReflectingConvolution(channels, channels, 3, bias=bias), *_normed_relu(norm, channels)
        )
        self.dropout = with_noise(nn.Dropout(dropout), noise)
        self.second = nn.Sequential(
            ReflectingConvolution(channels, channels, 3, bias=bias), normalisation(norm, channels)
        )

    def forward(self, image: Tensor) -> Tensor:
        change: Tensor = self.second(self.dropout(self.first(image)))
        return change.add_(image)


def _halving(spec: ResnetSpec, fine: int, coarse: int, bias: bool) -> nn.Sequential:
    stride, blur = (1, [BlurPool()]) if spec.antialias else (2, [])
    layer = nn.Conv2d(fine, coarse, 3, stride=stride, padding=1, bias=bias)
    return nn.Sequential(layer, *_normed_relu(spec.norm, coarse), *blur)


def _normed_relu(norm: Norm, channels: int) -> tuple[nn.Module, nn.Module]:
    # Without a norm it would overwrite the convolution's output, which may be asked for.
    return normalisation(norm, channels), nn.ReLU(inplace=norm != "none")
