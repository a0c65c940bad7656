"""A style-based generator: a mapping to styles, which scale the convolutions of a synthesis from a constant
(arXiv:1812.04948, arXiv:1912.04958)."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from img2img.config.base import Refusal
from img2img.config.networks.samplers import REAL, StyleGANSpec
from img2img.config.networks.whole_critics import StyleGANCriticSpec, WholeNorm
from img2img.networks.critics.critic import in_turn
from img2img.networks.layers.equalised import Activation, EqualisedConvolution, EqualisedLinear, pixel_norm
from img2img.networks.layers.minibatch import MinibatchStd
from img2img.networks.layers.modulated import ModulatedConvolution
from img2img.networks.layers.norms import normalisation
from img2img.networks.layers.resample import blurred, doubled, halved

from .generator import Generator, with_class
from .whole_critic import WholeCritic, on_planes, shared_input

MAPPING_RATE = 0.01
"""Learning rate of the mapping, as a share of the rest's (arXiv:1812.04948, appendix C)."""
MEMORY = 0.995
"""Decay of the mean style (the authors' code)."""


class StyleGAN(Generator):
    """G = synthesis(mapping(z)); one style for each layer.

    What critics are shown is mixed: a share of the pictures takes the finer layers' styles from another latent, the one
    before it in the batch (arXiv:1812.04948, section 3.1). In training mode the noise is fresh; else nothing but the
    latent counts, and the noise of each layer is one map, drawn once.
    """

    mean_style: Tensor
    mean_length: Tensor
    """Of the paths, which their regularisation keeps (arXiv:1912.04958, section 3.2)."""

    def __init__(self, spec: StyleGANSpec) -> None:
        super().__init__(spec)
        self.mixing = spec.mixing
        self.truncation = 1.0
        widths = [spec.latent + spec.classes, *[spec.style] * spec.mapping_layers]
        dense = [EqualisedLinear(before, after, rate=MAPPING_RATE) for before, after in pairwise(widths)]
        self.mapping = nn.Sequential(*(part for layer in dense for part in (layer, Activation())))
        self.synthesis = Synthesis(spec)
        self.register_buffer("mean_style", torch.zeros(spec.style))
        self.register_buffer("mean_length", torch.zeros(()))

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        return self.draw(self.styles(latent, label))

    def fakes(self, latent: Tensor, reals: dict[str, Tensor], label: Tensor | None = None) -> dict[str, Tensor]:
        """Pictures of mixed styles."""
        return {REAL: self.draw(self.mixed(latent, label))}

    def styles(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """The styles of every layer, here all the same: (N, latent) -> (N, layers, style)."""
        style = self._mapped(latent, label)
        if self.training:
            self.mean_style.lerp_(style.detach().mean(dim=0).to(self.mean_style), 1 - MEMORY)
        else:
            style = self.mean_style.lerp(style.to(self.mean_style), self.truncation)
        return style[:, None].expand(-1, self.synthesis.layers, -1)

    def mixed(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """The styles of every layer; from a random one on, in a share `mixing` of the pictures, another latent's."""
        layers, count, device = self.synthesis.layers, len(latent), latent.device
        crossing = torch.randint(1, layers, (count,), device=device)
        crossing = torch.where(torch.rand(count, device=device) < self.mixing, crossing, layers)
        own = torch.arange(layers, device=device) < crossing[:, None]
        other = self._mapped(latent.roll(1, dims=0), label)
        return torch.where(own[:, :, None], self.styles(latent, label), other[:, None])

    def truncate(self, truncation: float | None) -> None:
        """Draws styles towards the mean style, when applied (arXiv:1812.04948, appendix B): psi; 0 gives the mean.

        The noise is left alone: its length means nothing here. Raises Refusal for a psi outside [0, 1].
        """
        if truncation is not None and not 0 <= truncation <= 1:
            raise Refusal(f"--truncation {truncation:g}: from 0, the mean style, to 1")
        self.truncation = 1.0 if truncation is None else truncation

    def draw(self, styles: Tensor) -> Tensor:
        """(N, layers, style) -> (N, channels, size, size) in [-1, 1]."""
        picture: Tensor = self.synthesis(styles)
        return picture

    def _mapped(self, latent: Tensor, label: Tensor | None) -> Tensor:
        style: Tensor = self.mapping(with_class(pixel_norm(latent), label, self.classes))
        return style


class Synthesis(nn.Module):
    """A learnt constant of 4 px, two styled convolutions at each size, and the sum of a picture from each size.

    styles: (N, layers, style) -> (N, channels, size, size) in [-1, 1]. layers: two for each size but the first, which
    has one; the picture of a size shares the style of the size's last convolution.
    """

    def __init__(self, spec: StyleGANSpec) -> None:
        super().__init__()
        widths = spec.widths
        self.layers = 2 * len(widths) - 1
        self.constant = nn.Parameter(torch.randn(widths[0], 4, 4))
        self.first = StyledConvolution(widths[0], widths[0], 4, spec.style)
        self.grow = nn.ModuleList()
        self.shape = nn.ModuleList()
        for level, (before, after) in enumerate(pairwise(widths)):
            self.grow.append(StyledConvolution(before, after, 8 << level, spec.style))
            self.shape.append(StyledConvolution(after, after, 8 << level, spec.style))
        self.pictures = nn.ModuleList(ToPicture(width, spec.channels, spec.style) for width in widths)

    def forward(self, styles: Tensor) -> Tensor:
        # Not `len(styles)`, which the exporter to ONNX takes for a constant.
        features = self.first(self.constant.expand(styles.shape[0], -1, -1, -1), styles[:, 0])
        picture = self.pictures[0](features, styles[:, 0])
        for level, (grow, shape) in enumerate(zip(self.grow, self.shape, strict=True)):
            first, second = styles[:, 2 * level + 1], styles[:, 2 * level + 2]
            features = shape(grow(doubled(features), first), second)
            picture = doubled(picture) + self.pictures[level + 1](features, second)
        return torch.tanh(picture)


class StyledConvolution(nn.Module):
    """A modulated 3x3 convolution, noise, biases, a leaky ReLU.

    (N, inputs, side, side), (N, style) -> (N, outputs, side, side).
    """

    def __init__(self, inputs: int, outputs: int, side: int, style: int) -> None:
        super().__init__()
        self.convolution = ModulatedConvolution(inputs, outputs, 3, style)
        self.noise = Noise(side)
        self.bias = nn.Parameter(torch.zeros(outputs, 1, 1))
        self.activation = Activation()

    def forward(self, image: Tensor, style: Tensor) -> Tensor:
        activated: Tensor = self.activation(self.noise(self.convolution(image, style)) + self.bias)
        return activated


class Noise(nn.Module):
    """One plane of noise on all channels, of learnt strength: fresh in training mode, else one for every picture."""

    still: Tensor

    def __init__(self, side: int) -> None:
        super().__init__()
        self.strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("still", torch.randn(side, side))

    def forward(self, image: Tensor) -> Tensor:
        plane = torch.randn_like(image[:, :1]) if self.training else self.still
        return image + self.strength * plane


class ToPicture(nn.Module):
    """What features of one size add to the picture: a modulated 1x1 convolution, not demodulated, and biases."""

    def __init__(self, inputs: int, channels: int, style: int) -> None:
        super().__init__()
        self.convolution = ModulatedConvolution(inputs, channels, 1, style, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, features: Tensor, style: Tensor) -> Tensor:
        picture: Tensor = self.convolution(features, style) + self.bias
        return picture


class StyleGANCritic(WholeCritic):
    """A 1x1 convolution, residual blocks that halve to 4 px, the batch's deviation, a 3x3 and a dense layer."""

    def __init__(self, spec: StyleGANCriticSpec) -> None:
        widths = spec.widths
        super().__init__(spec, widths[-1], dense=EqualisedLinear)
        self.enter = nn.Sequential(
            EqualisedConvolution(spec.input_channels + shared_input(spec), widths[0], 1), Activation()
        )
        self.blocks = nn.ModuleList(HalvingBlock(fine, coarse, spec.norm) for fine, coarse in pairwise(widths))
        self.across = MinibatchStd()
        self.shape = nn.Sequential(EqualisedConvolution(widths[-1] + 1, widths[-1], 3), Activation())
        self.dense = nn.Sequential(nn.Flatten(), EqualisedLinear(widths[-1] * 4**2, widths[-1]), Activation())

    def trunk(self, image: Tensor, label: Tensor | None) -> list[Tensor]:
        found = in_turn([self.enter, *self.blocks], on_planes(image, label))
        shaped = self.shape(self.across(found[-1]))
        return [*found, shaped, self.dense(shaped)]


class HalvingBlock(nn.Module):
    """Two 3x3 convolutions, the second blurred and strided, next to a blurred, strided 1x1 one; over the root of 2.

    (N, before, H, W) -> (N, after, H / 2, W / 2).
    """

    def __init__(self, before: int, after: int, norm: WholeNorm) -> None:
        super().__init__()
        self.first = nn.Sequential(EqualisedConvolution(before, before, 3), normalisation(norm, before), Activation())
        self.second = EqualisedConvolution(before, after, 3, stride=2, padding=0)
        self.after = nn.Sequential(normalisation(norm, after), Activation())
        self.skip = EqualisedConvolution(before, after, 1, bias=False)

    def forward(self, image: Tensor) -> Tensor:
        change: Tensor = self.after(self.second(blurred(self.first(image), padding=2)))
        # The root keeps the variance of a sum of two.
        return (change + self.skip(halved(image))) / math.sqrt(2)
