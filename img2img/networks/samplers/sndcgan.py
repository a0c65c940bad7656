"""SNDCGAN: DCGAN's successor without residuals (arXiv:1802.05957, table 3)."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from img2img.config.networks.samplers import SNDCGANSpec
from img2img.config.networks.whole_critics import SNDCGANCriticSpec, WholeNorm
from img2img.networks.layers.noise import with_noise
from img2img.networks.layers.norms import constrained, needs_bias, normalisation

from .generator import Generator, with_class
from .whole_critic import WholeCritic, on_planes, shared_input


class SNDCGANGenerator(Generator):
    """A dense layer to an eighth of the size, three transposed 4x4 convolutions, a 3x3 one; batch norm and ReLU."""

    def __init__(self, spec: SNDCGANSpec) -> None:
        super().__init__(spec)
        side, widths = spec.size // 8, [spec.width * 2**level for level in (3, 2, 1, 0)]
        layers: list[nn.Module] = [
            nn.Linear(spec.latent + spec.classes, widths[0] * side**2, bias=False),
            nn.Unflatten(1, (widths[0], side, side)),
            *_normed(widths[0], spec.layer_noise),
        ]
        for before, after in pairwise(widths):
            layers += [
                nn.ConvTranspose2d(before, after, 4, stride=2, padding=1, bias=False),
                *_normed(after, spec.layer_noise),
            ]
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], spec.channels, 3, padding=1), nn.Tanh())

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        picture: Tensor = self.layers(with_class(latent, label, self.classes))
        return picture


class SNDCGANCritic(WholeCritic):
    """3x3 convolutions and strided 4x4 ones in turn down to an eighth of the size; the first is not normalised.

    The widths are those of the authors' code, where a 4x4 convolution doubles them.
    """

    def __init__(self, spec: SNDCGANCriticSpec) -> None:
        widths = [spec.width * 2**level for level in range(4)]
        super().__init__(spec, widths[-1] * (spec.size // 8) ** 2)
        bare: WholeNorm = "spectral" if spec.norm == "spectral" else "none"
        self.stages = nn.ModuleList([_stage(spec.input_channels + shared_input(spec), spec.width, 3, bare)])
        for fine, coarse in pairwise(widths):
            self.stages += [_stage(fine, coarse, 4, spec.norm), _stage(coarse, coarse, 3, spec.norm)]

    def trunk(self, image: Tensor, label: Tensor | None) -> list[Tensor]:
        found = [on_planes(image, label)]
        for stage in self.stages:
            found.append(stage(found[-1]))
        return found[1:]


def _normed(channels: int, noise: float) -> tuple[nn.Module, ...]:
    return nn.BatchNorm2d(channels), with_noise(nn.ReLU(inplace=True), noise)


def _stage(before: int, after: int, kernel: int, norm: WholeNorm) -> nn.Sequential:
    """A convolution, which halves where its kernel is even, the norm, and a leaky ReLU of slope 0.1."""
    layer = nn.Conv2d(before, after, kernel, stride=2 - kernel % 2, padding=1, bias=needs_bias(norm))
    return nn.Sequential(constrained(layer, norm), normalisation(norm, after), nn.LeakyReLU(0.1, inplace=True))
