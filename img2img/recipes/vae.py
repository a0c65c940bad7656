"""The variational autoencoder: pictures to codes and back, the codes drawn towards the prior (arXiv:1312.6114)."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from img2img.config.train.vae import VaeConfig
from img2img.data.folders.classes import REAL
from img2img.data.gan_data import open_gan_data
from img2img.data.latents import LATENT, latents_of
from img2img.data.sides import Sides
from img2img.recipes.shared.with_encoder import DECODER, ENCODER, WithEncoder, gaussian_codes, sample_code

from .kind import Kind
from .recipe import Batch, Terms

SURE = 1e-6
"""How near to 0 and 1 the mean of a value may come, so that its logarithm stays finite in float32."""


class Vae(WithEncoder):
    """Batches have the side "real" (N, C, S, S) and noise, "latent" (N, Z), which codes are drawn by.

    Raises Refusal for what the networks do not take.
    """

    name = "vae"
    first: Literal["critics", "generators"] = "generators"

    def __init__(self, config: VaeConfig, sides: Sides) -> None:
        super().__init__(config.networks, config.data.size, sides.channels[REAL], gaussian=True)
        self.objective = config.objective

    def play(self, batch: Batch) -> Terms:
        """What the decoder makes of a code of each picture, and the codes' means and log variances, (N, Z)."""
        mean, log_variance = gaussian_codes(self.generators[ENCODER], batch[REAL])
        code = sample_code(mean, log_variance, batch[LATENT])
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


KIND = Kind(VaeConfig, Vae, open_gan_data, latents_of)
