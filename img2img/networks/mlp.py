"""Fully connected networks on vectors: the toy problems' generator and critic, and the energy critic of EBGAN
(arXiv:1609.03126, section 2.3) and BEGAN (arXiv:1703.10717, equation 1)."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from img2img.config.networks.vectors import AutoencoderMLPSpec, MLPSpec
from img2img.networks.critics.critic import Critic, beside, in_turn
from img2img.networks.layers.minibatch import across_batch
from img2img.networks.layers.norms import constrained, single
from img2img.networks.samplers.generator import Plays


class MLP(Critic, Plays):
    """`hidden_layers` of `width` with leaky ReLUs, then a linear layer, for a generator as for a critic.

    (N, inputs) -> (N, outputs); `given` (N, G) counts among the inputs.
    """

    def __init__(self, spec: MLPSpec) -> None:
        super().__init__()
        widths = [spec.inputs, *[spec.width] * spec.hidden_layers]
        self.stages = nn.ModuleList(_stage(spec, before, after) for before, after in pairwise(widths))
        self.minibatch, channels = across_batch(spec.minibatch, spec.width)
        self.score = constrained(nn.Linear(channels, spec.outputs), spec.norm)

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        found = in_turn(self.stages, beside(image, given))
        return [*found, self.score(self.minibatch(found[-1]))]


class AutoencoderMLP(Critic):
    """An autoencoder and the energy that it leaves: score = -mean |x - AE(x)|^exponent over all axes but the batch.

    (N, inputs) -> (N, 1), at most 0; features are [code (N, code), score]. `given` (N, G) counts among the inputs.
    """

    def __init__(self, spec: AutoencoderMLPSpec) -> None:
        super().__init__()
        hidden = [spec.width] * spec.hidden_layers
        self.exponent = spec.exponent
        self.encoder = _perceptron([spec.inputs, *hidden, spec.code])
        self.decoder = _perceptron([spec.code, *hidden, spec.inputs])

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        whole = beside(image, given)
        code = self.encoder(whole)
        error = single(whole - self.decoder(code)).abs() ** self.exponent
        return [code, -error.flatten(1).mean(dim=1, keepdim=True)]


def _stage(spec: MLPSpec, before: int, after: int) -> nn.Sequential:
    layer = constrained(nn.Linear(before, after, bias=spec.norm != "batch"), spec.norm)
    norm = nn.BatchNorm1d(after) if spec.norm == "batch" else nn.Identity()
    return nn.Sequential(layer, norm, nn.LeakyReLU(0.2, inplace=True))


def _perceptron(widths: list[int]) -> nn.Sequential:
    """Linear layers of these widths, a leaky ReLU between each two."""
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), nn.LeakyReLU(0.2, inplace=True)]
    return nn.Sequential(*layers[:-1])
