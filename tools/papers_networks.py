"""The papers' networks with torch's own layers alone: what bench_train.py and first_gpu_minutes.py set ours beside.

Nothing here is shared with the package, so that the two can be compared. In each the parameters that are published.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn


def initialise(network: nn.Module) -> nn.Module:
    """Convolutions from N(0, 0.02) and scales from N(1, 0.02), as the translators' papers have it."""
    for part in network.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(part.weight, 0.0, 0.02)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        elif isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.weight, 1.0, 0.02)
    return network


class Residual(nn.Module):
    """x + f(x)."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, image: Tensor) -> Tensor:
        result: Tensor = image + self.layers(image)
        return result


def resnet(blocks: int = 9, width: int = 64) -> nn.Sequential:
    """CycleGAN's generator (arXiv:1703.10593, appendix 7.2): c7s1-64, d128, d256, R256 x 9, u128, u64, c7s1-3."""

    def block() -> Residual:
        halves = []
        for activation in ([nn.ReLU(True)], []):
            conv = nn.Conv2d(4 * width, 4 * width, 3)
            halves += [nn.ReflectionPad2d(1), conv, nn.InstanceNorm2d(4 * width), *activation]
        return Residual(*halves)

    layers = [nn.ReflectionPad2d(3), nn.Conv2d(3, width, 7), nn.InstanceNorm2d(width), nn.ReLU(True)]
    for fine in (width, 2 * width):
        layers += [nn.Conv2d(fine, 2 * fine, 3, 2, 1), nn.InstanceNorm2d(2 * fine), nn.ReLU(True)]
    layers += [block() for _ in range(blocks)]
    for fine in (2 * width, width):
        layers += [nn.ConvTranspose2d(2 * fine, fine, 3, 2, 1, 1), nn.InstanceNorm2d(fine), nn.ReLU(True)]
    return nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(width, 3, 7), nn.Tanh())


class Skip(nn.Module):
    """(x, f(x)), side by side in the channels."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, image: Tensor) -> Tensor:
        return torch.cat([image, self.layers(image)], 1)


def unet(levels: int = 8, width: int = 64) -> nn.Sequential:
    """pix2pix's generator (arXiv:1611.07004, appendix 6.1.1): each level halves; dropout in the three inner ones."""
    widths = [width * min(2**level, 8) for level in range(levels)]

    def down(fine: int, coarse: int) -> list[nn.Module]:
        return [nn.LeakyReLU(0.2), nn.Conv2d(fine, coarse, 4, 2, 1, bias=False)]

    def up(coarse: int, fine: int) -> list[nn.Module]:
        return [nn.ReLU(True), nn.ConvTranspose2d(coarse, fine, 4, 2, 1, bias=False), nn.BatchNorm2d(fine)]

    inner: nn.Module = Skip(*down(widths[-2], widths[-1]), *up(widths[-1], widths[-2]))
    for level in range(levels - 2, 0, -1):
        fine, coarse = widths[level - 1], widths[level]
        dropout = [nn.Dropout(0.5)] if level >= 4 else []
        inner = Skip(*down(fine, coarse), nn.BatchNorm2d(coarse), inner, *up(2 * coarse, fine), *dropout)
    last = [nn.ReLU(True), nn.ConvTranspose2d(2 * width, 3, 4, 2, 1), nn.Tanh()]
    return nn.Sequential(nn.Conv2d(3, width, 4, 2, 1, bias=False), inner, *last)


def patch_critic(channels: int, norm: type[nn.Module], width: int = 64) -> nn.Sequential:
    """The 70 x 70 PatchGAN (arXiv:1611.07004, appendix 6.1.2): C64, C128, C256, C512, a score."""
    layers: list[nn.Module] = [nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(0.2, True)]
    for fine, stride in ((width, 2), (2 * width, 2), (4 * width, 1)):
        bias = norm is nn.InstanceNorm2d  # a batch norm has one of its own
        layers += [nn.Conv2d(fine, 2 * fine, 4, stride, 1, bias=bias), norm(2 * fine), nn.LeakyReLU(0.2, True)]
    return nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1))


def srresnet(blocks: int = 16, width: int = 64) -> nn.Sequential:
    """SRGAN's generator (arXiv:1609.04802, figure 4): four times as large."""

    def block() -> Residual:
        convs = [nn.Conv2d(width, width, 3, 1, 1) for _ in range(2)]
        return Residual(convs[0], nn.BatchNorm2d(width), nn.PReLU(), convs[1], nn.BatchNorm2d(width))

    def enlarged() -> Iterator[nn.Module]:
        for _ in range(2):
            yield from (nn.Conv2d(width, 4 * width, 3, 1, 1), nn.PixelShuffle(2), nn.PReLU())

    trunk = Residual(*(block() for _ in range(blocks)), nn.Conv2d(width, width, 3, 1, 1), nn.BatchNorm2d(width))
    return nn.Sequential(nn.Conv2d(3, width, 9, 1, 4), nn.PReLU(), trunk, *enlarged(), nn.Conv2d(width, 3, 9, 1, 4))


def srgan_critic(side: int = 96, width: int = 64) -> nn.Sequential:
    """SRGAN's critic (arXiv:1609.04802, figure 4) for squares of `side` px, a multiple of 16; a logit."""
    layers: list[nn.Module] = [nn.Conv2d(3, width, 3, 1, 1), nn.LeakyReLU(0.2, True)]
    before = width
    for after, stride in [(width * 2**level, stride) for level in range(4) for stride in (1, 2)][1:]:
        layers += [nn.Conv2d(before, after, 3, stride, 1), nn.BatchNorm2d(after), nn.LeakyReLU(0.2, True)]
        before = after
    dense = [nn.Linear(before * (side // 16) ** 2, 16 * width), nn.LeakyReLU(0.2, True), nn.Linear(16 * width, 1)]
    return nn.Sequential(*layers, nn.Flatten(), *dense)


def vgg19(width: int = 64) -> nn.Sequential:
    """VGG19 as far as its last convolution's activation (arXiv:1409.1556, table 1, E), frozen, with random weights."""
    layers: list[nn.Module] = []
    before = 3
    for level, (after, convs) in enumerate(
        [(width, 2), (2 * width, 2), (4 * width, 4), (8 * width, 4), (8 * width, 4)]
    ):
        layers += [nn.MaxPool2d(2)] if level else []
        for _ in range(convs):
            layers += [nn.Conv2d(before, after, 3, 1, 1), nn.ReLU(True)]
            before = after
    return nn.Sequential(*layers).requires_grad_(False).eval()
