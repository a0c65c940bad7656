"""The pair of InfoGAN (arXiv:1606.03657, appendix C.1), which the large-scale study trains by every game
(arXiv:1711.10337)."""

from __future__ import annotations

from torch import Tensor, nn

from img2img.config.networks.samplers import InfoGANSpec
from img2img.config.networks.whole_critics import InfoGANCriticSpec, WholeNorm
from img2img.networks.layers.noise import with_noise
from img2img.networks.layers.norms import constrained, dense_normalisation, needs_bias, normalisation

from .generator import Generator, with_class
from .whole_critic import WholeCritic, on_planes, shared_input


class InfoGANGenerator(Generator):
    """Dense to 16 widths, dense to a quarter of the size, two transposed 4x4 convolutions; batch norm and ReLU."""

    def __init__(self, spec: InfoGANSpec) -> None:
        super().__init__(spec)
        side, wide, dense = spec.size // 4, 2 * spec.width, 16 * spec.width
        self.layers = nn.Sequential(
            *_dense(spec.latent + spec.classes, dense, spec.layer_noise),
            *_dense(dense, wide * side**2, spec.layer_noise),
            nn.Unflatten(1, (wide, side, side)),
            nn.ConvTranspose2d(wide, spec.width, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(spec.width),
            with_noise(nn.ReLU(inplace=True), spec.layer_noise),
            nn.ConvTranspose2d(spec.width, spec.channels, 4, stride=2, padding=1),
            nn.Tanh(),
        )

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        picture: Tensor = self.layers(with_class(latent, label, self.classes))
        return picture


class InfoGANCritic(WholeCritic):
    """Two strided 4x4 convolutions, a dense layer, the score; the first layer is not normalised."""

    def __init__(self, spec: InfoGANCriticSpec) -> None:
        dense = 16 * spec.width
        super().__init__(spec, dense)
        inputs, wide, pixels = spec.input_channels + shared_input(spec), 2 * spec.width, (spec.size // 4) ** 2
        bare: WholeNorm = "spectral" if spec.norm == "spectral" else "none"
        self.stages = nn.ModuleList(
            [
                _strided(inputs, spec.width, bare),
                _strided(spec.width, wide, spec.norm),
                nn.Sequential(
                    nn.Flatten(),
                    constrained(nn.Linear(wide * pixels, dense, bias=needs_bias(spec.norm)), spec.norm),
                    dense_normalisation(spec.norm, dense),
                    nn.LeakyReLU(0.2, inplace=True),
                ),
            ]
        )

    def trunk(self, image: Tensor, label: Tensor | None) -> list[Tensor]:
        found = [on_planes(image, label)]
        for stage in self.stages:
            found.append(stage(found[-1]))
        return found[1:]


def _dense(inputs: int, outputs: int, noise: float) -> tuple[nn.Module, ...]:
    return nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), with_noise(nn.ReLU(inplace=True), noise)


def _strided(inputs: int, outputs: int, norm: WholeNorm) -> nn.Sequential:
    layer = nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=needs_bias(norm))
    return nn.Sequential(constrained(layer, norm), normalisation(norm, outputs), nn.LeakyReLU(0.2, inplace=True))
