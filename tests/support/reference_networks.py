"""The reference's generators in a few lines of plain torch, with its numbering of modules, for the importers' tests."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv2d, conv_transpose2d, pad


def norm(kind: str, channels: int) -> nn.Module:
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    return nn.InstanceNorm2d(channels) if kind == "instance" else nn.Identity()


class Reference(nn.Module):
    """A generator whose keys begin with `model.`."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> Tensor:
        result: Tensor = self.model(image)
        return result


class ResidualBlock(nn.Module):
    def __init__(self, channels: int, kind: str, dropout: bool) -> None:
        super().__init__()
        bias = kind == "instance"
        drop = [nn.Dropout(0.5)] if dropout else []
        self.conv_block = nn.Sequential(
            *(nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3, bias=bias), norm(kind, channels), nn.ReLU()),
            *drop,
            *(nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3, bias=bias), norm(kind, channels)),
        )

    def forward(self, image: Tensor) -> Tensor:
        result: Tensor = image + self.conv_block(image)
        return result


class Blur(nn.Module):
    """Taps [1, 2, 1] at stride 2, or [1, 3, 3, 1] between inserted zeros; what surrounds the picture is one pixel."""

    filt: Tensor

    def __init__(self, channels: int, up: bool) -> None:
        super().__init__()
        taps = torch.tensor([1.0, 3.0, 3.0, 1.0] if up else [1.0, 2.0, 1.0])
        self.up = up
        whole = taps[:, None] * taps / taps.sum() ** 2 * (4 if up else 1)
        self.register_buffer("filt", whole.expand(channels, 1, *whole.shape).clone())

    def forward(self, image: Tensor) -> Tensor:
        padded = pad(image, (1, 1, 1, 1), mode="replicate" if self.up else "reflect")
        if not self.up:
            return conv2d(padded, self.filt, stride=2, groups=image.shape[1])
        return conv_transpose2d(padded, self.filt, stride=2, padding=3, groups=image.shape[1])


def resnet(
    kind: str,
    blocks: int,
    *,
    dropout: bool = False,
    width: int = 2,
    channels: int = 3,
    downsamplings: int = 2,
    blur_down: bool = False,
    blur_up: bool = False,
) -> Reference:
    """pad, conv, norm, relu | (conv, norm, relu) down | blocks | (deconv, norm, relu) up | pad, conv, tanh.

    blur_down, blur_up: CUT's, (conv, norm, relu, blur) down, (blur, conv, norm, relu) up.
    """
    bias = kind == "instance"
    widths = [width * 2**level for level in range(downsamplings + 1)]
    layers: list[nn.Module] = [nn.ReflectionPad2d(3), nn.Conv2d(channels, width, 7, bias=bias), norm(kind, width)]
    layers += [nn.ReLU()]
    for fine in widths[:-1]:
        stride = 1 if blur_down else 2
        layers += [nn.Conv2d(fine, 2 * fine, 3, stride, 1, bias=bias), norm(kind, 2 * fine), nn.ReLU()]
        layers += [Blur(2 * fine, up=False)] if blur_down else []
    layers += [ResidualBlock(widths[-1], kind, dropout) for _ in range(blocks)]
    for fine in widths[-2::-1]:
        if blur_up:
            layers += [Blur(2 * fine, up=True), nn.Conv2d(2 * fine, fine, 3, 1, 1, bias=bias)]
        else:
            layers += [nn.ConvTranspose2d(2 * fine, fine, 3, 2, 1, 1, bias=bias)]
        layers += [norm(kind, fine), nn.ReLU()]
    return Reference(nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(width, channels, 7), nn.Tanh()))


class LocalEnhancer(nn.Module):
    """pix2pixHD's: `model` is a ResNet without its end, `model1_1` and `model1_2` are around it."""

    def __init__(self, blocks: int, local_blocks: int, downsamplings: int, width: int = 2, channels: int = 3) -> None:
        super().__init__()
        coarse = resnet("instance", blocks, width=2 * width, channels=channels, downsamplings=downsamplings).model
        self.model = coarse[:-3]

        def normed(layer: nn.Module, count: int) -> list[nn.Module]:
            return [layer, nn.InstanceNorm2d(count), nn.ReLU()]

        self.model1_1 = nn.Sequential(
            nn.ReflectionPad2d(3),
            *normed(nn.Conv2d(channels, width, 7), width),
            *normed(nn.Conv2d(width, 2 * width, 3, 2, 1), 2 * width),
        )
        self.model1_2 = nn.Sequential(
            *(ResidualBlock(2 * width, "instance", False) for _ in range(local_blocks)),
            *normed(nn.ConvTranspose2d(2 * width, width, 3, 2, 1, 1), width),
            *(nn.ReflectionPad2d(3), nn.Conv2d(width, 3, 7), nn.Tanh()),
        )

    def forward(self, image: Tensor) -> Tensor:
        half = avg_pool2d(image, 3, stride=2, padding=1, count_include_pad=False)
        result: Tensor = self.model1_2(self.model1_1(image) + self.model(half))
        return result


class Skip(nn.Module):
    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.model = nn.Sequential(*layers)

    def forward(self, image: Tensor) -> Tensor:
        return torch.cat([image, self.model(image)], 1)


def unet(kind: str, levels: int, *, dropout: bool = False, width: int = 2, channels: int = 3) -> Reference:
    """Blocks inside one another, built from the innermost outwards."""
    bias = kind == "instance"
    widths = [width * min(2**level, 8) for level in range(levels)]

    def down(fine: int, coarse: int) -> list[nn.Module]:
        return [nn.LeakyReLU(0.2), nn.Conv2d(fine, coarse, 4, 2, 1, bias=bias)]

    def up(coarse: int, fine: int) -> list[nn.Module]:
        return [nn.ReLU(), nn.ConvTranspose2d(coarse, fine, 4, 2, 1, bias=bias), norm(kind, fine)]

    block = Skip(*down(widths[-2], widths[-1]), *up(widths[-1], widths[-2]))
    for level in range(levels - 2, 0, -1):
        fine, coarse = widths[level - 1], widths[level]
        drop = [nn.Dropout(0.5)] if dropout and level >= 4 else []
        block = Skip(*down(fine, coarse), norm(kind, coarse), block, *up(2 * coarse, fine), *drop)
    outermost = nn.Sequential(
        nn.Conv2d(channels, width, 4, 2, 1, bias=bias),
        block,
        *(nn.ReLU(), nn.ConvTranspose2d(2 * width, channels, 4, 2, 1), nn.Tanh()),
    )
    return Reference(Reference(outermost))


def scramble(network: nn.Module) -> None:
    """Weights and statistics that no default hides behind; blurs stay."""
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if name.endswith("running_var"):
                tensor.uniform_(0.5, 2)
            elif tensor.is_floating_point() and not name.endswith("filt"):
                tensor.normal_(0, 0.3)
