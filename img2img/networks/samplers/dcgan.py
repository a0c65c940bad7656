"""DCGAN (arXiv:1511.06434, section 3): convolutions alone, from 4 px (of 28 px: from 7) and back to them."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from img2img.config.networks.samplers import DCGANSpec, halvings
from img2img.config.networks.whole_critics import DCGANCriticSpec, WholeNorm
from img2img.networks.layers.noise import with_noise
from img2img.networks.layers.norms import constrained, needs_bias, normalisation

from .generator import Generator, with_class
from .whole_critic import WholeCritic, on_planes, shared_input


class DCGANGenerator(Generator):
    """The latent becomes a map of 4 or 7 px, which transposed 4x4 convolutions double; batch norm and ReLU between."""

    def __init__(self, spec: DCGANSpec) -> None:
        super().__init__(spec)
        doublings = halvings(spec.size)
        widths = [spec.width * 2**level for level in reversed(range(doublings))]
        first = nn.ConvTranspose2d(spec.latent + spec.classes, widths[0], spec.size >> doublings, bias=False)
        layers: list[nn.Module] = [first, *_normed(widths[0], spec.layer_noise)]
        for before, after in pairwise(widths):
            layers += [
                nn.ConvTranspose2d(before, after, 4, stride=2, padding=1, bias=False),
                *_normed(after, spec.layer_noise),
            ]
        last = nn.ConvTranspose2d(widths[-1], spec.channels, 4, stride=2, padding=1, bias=False)
        self.layers = nn.Sequential(*layers, last, nn.Tanh())

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        picture: Tensor = self.layers(with_class(latent, label, self.classes)[:, :, None, None])
        return picture


class DCGANCritic(WholeCritic):
    """Strided 4x4 convolutions down to 4 or 7 px, all of which the score is linear in; the first is not normalised."""

    def __init__(self, spec: DCGANCriticSpec) -> None:
        times = halvings(spec.size)
        widths = [spec.input_channels + shared_input(spec), *(spec.width * 2**level for level in range(times))]
        super().__init__(spec, widths[-1] * (spec.size >> times) ** 2)
        self.stages = nn.ModuleList(
            _stage(spec, index, before, after) for index, (before, after) in enumerate(pairwise(widths))
        )

    def trunk(self, image: Tensor, label: Tensor | None) -> list[Tensor]:
        found = [on_planes(image, label)]
        for stage in self.stages:
            found.append(stage(found[-1]))
        return found[1:]


def _normed(channels: int, noise: float) -> tuple[nn.Module, ...]:
    return nn.BatchNorm2d(channels), with_noise(nn.ReLU(inplace=True), noise)


def _stage(spec: DCGANCriticSpec, index: int, before: int, after: int) -> nn.Sequential:
    norm: WholeNorm = spec.norm if index else "none"
    layer = nn.Conv2d(before, after, 4, stride=2, padding=1, bias=index > 0 and needs_bias(norm))
    return nn.Sequential(constrained(layer, spec.norm), normalisation(norm, after), nn.LeakyReLU(0.2, inplace=True))
