"""The variational autoencoder: pictures to codes and back, the codes drawn towards the prior (arXiv:1312.6114)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from img2img.config.card import NetworkCard, Task
from img2img.config.networks import CriticSpec
from img2img.config.vae import VaeConfig
from img2img.data.classes import REAL
from img2img.data.dataset import TrainingData
from img2img.data.latents import LATENT
from img2img.networks import build
from img2img.networks.whole_critic import WholeCritic

from .recipe import Batch, Terms, require_size

DECODER, ENCODER = "generator", "encoder"
"""The networks' names in weights files; the decoder is a generator like any other."""

SURE = 1e-6
"""How near to 0 and 1 the mean of a value may come, so that its logarithm stays finite in float32."""


class Vae:
    """Batches have the side "real" (N, C, S, S) and noise, "latent" (N, Z), which codes are drawn by.

    The encoder is a critic whose further head reads means and log variances off a picture; its score is not used.
    Raises Refusal for what the networks do not take.
    """

    name = "vae"
    task: Task = "sample"
    game = "none"
    first: Literal["critics", "generators"] = "generators"
    phase: str = ""
    critic_steps = 1
    critics: Mapping[str, CriticSpec] = {}

    def __init__(self, config: VaeConfig, data: TrainingData) -> None:
        networks, size, channels = config.networks, config.data.size, data.channels[REAL]
        self.spec, self.prior = networks.decoder_spec(size, channels), networks.prior_spec
        self.encoder_spec = networks.encoder_spec(size, channels)
        require_size(size, self.encoder_spec, "the encoder")
        self.objective = config.objective
        self.generators = nn.ModuleDict({DECODER: build(self.spec), ENCODER: build(self.encoder_spec)})
        self.adversaries, self.frozen = nn.ModuleDict(), nn.ModuleDict()

    def play(self, batch: Batch) -> Terms:
        """What the decoder makes of a code of each picture, and the codes' means and log variances, (N, Z)."""
        mean, log_variance = encoded(self.generators[ENCODER], batch[REAL])
        code = mean + (log_variance / 2).exp() * batch[LATENT]  # arXiv:1312.6114, section 2.4
        return {"rebuilt": self.generators[DECODER](code).float(), "mean": mean, "log_variance": log_variance}

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """Nobody judges."""
        return {}

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """Minus the evidence's lower bound, nats a picture: the picture given its code, and the codes' divergence."""
        return {
            "rebuilding": LIKELIHOODS[self.objective.likelihood](fakes["rebuilt"], batch[REAL]),
            "divergence": self.objective.beta * divergence(fakes["mean"], fakes["log_variance"]),
        }

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """Pictures, what the decoder makes of their mean codes, and of latents that stay the same through a run."""
        mean, _ = encoded(generators[ENCODER], batch[REAL])
        decoder = generators[DECODER]
        return [("real", batch[REAL]), ("rebuilt", decoder(mean)), ("generated", decoder(batch[LATENT]))]

    def network_cards(self) -> dict[str, NetworkCard]:
        """The decoder, from noise, and the encoder."""
        return {
            DECODER: NetworkCard(spec=self.spec, source="noise", target="samples", prior=self.prior),
            ENCODER: NetworkCard(spec=self.encoder_spec, source="samples", target="codes"),
        }


def encoded(encoder: nn.Module, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Means and log variances of the pictures' codes: (N, C, S, S) -> twice (N, Z), float32."""
    assert isinstance(encoder, WholeCritic)
    mean, log_variance = encoder.read(encoder.features(pictures)).float().chunk(2, dim=1)
    return mean, log_variance


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, variance) || N(0, 1)), nats a picture (arXiv:1312.6114, appendix B): twice (N, Z) -> a scalar."""
    return (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1).mean() / 2


def cross_entropy(rebuilt: Tensor, real: Tensor) -> Tensor:
    """-log p where each value is a coin whose mean is the rebuilt one, nats a picture; (N, C, H, W) in [-1, 1].

    Values between the ends count in part for both (arXiv:1312.6114, appendix C.1).
    """
    share, mean = (real + 1) / 2, ((rebuilt + 1) / 2).clamp(SURE, 1 - SURE)
    return -(share * mean.log() + (1 - share) * (1 - mean).log()).flatten(1).sum(dim=1).mean()


def gaussian_of_learnt_variance(rebuilt: Tensor, real: Tensor) -> Tensor:
    """-log p where values are Gaussian about the rebuilt ones, nats a picture; (N, C, H, W).

    Their one variance gamma (arXiv:1903.05789) is not stepped towards its optimum, the mean squared error, but is it
    (arXiv:2006.13202, equation 6): d/2 log(2 pi gamma) + d/2.
    """
    error = (rebuilt - real).square().mean()
    values = real[0].numel()
    return values / 2 * (torch.log(2 * math.pi * (error + SURE)) + 1)


LIKELIHOODS = {"cross-entropy": cross_entropy, "learned-gamma": gaussian_of_learnt_variance}
"""By the option's names."""
