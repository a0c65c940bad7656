"""VAE-GAN: a variational autoencoder whose reconstruction error is measured in a critic's features; the critic also
judges its samples (arXiv:1512.09300)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from img2img.adversarial import Scorer
from img2img.config.base import Refusal
from img2img.config.networks.samplers import REAL
from img2img.config.train.vae_gan import VaeGanConfig
from img2img.data.gan_data import open_gan_data
from img2img.data.latents import LATENT, latents_of
from img2img.data.sides import Sides
from img2img.recipes.shared.with_encoder import DECODER, ENCODER, WithEncoder, gaussian_codes, sample_code

from .kind import Kind
from .recipe import Batch, Terms, weighted
from .vae import divergence

JUDGED = ("rebuilt", "generated")
"""What the critic tells from real pictures: what the decoder makes of their codes, and of codes from the prior. Each
has half the weight, so that real and fake have the same, as in the authors' code where it does not say otherwise."""


class VaeGan(WithEncoder):
    """One critic, which tells real pictures from `JUDGED` ones, and in which real and rebuilt ones are compared.

    Raises Refusal for what the networks do not take, and for a game of energies.
    """

    name = "vae-gan"

    def __init__(self, config: VaeGanConfig, sides: Sides) -> None:
        super().__init__(config.networks, config.data.size, sides.channels[REAL], gaussian=True)
        self.judge(config.networks, config.objective)
        self.objective = config.objective

    def play(self, batch: Batch) -> Terms:
        """What is judged, which leads no gradient to the encoder (their section 2.3.2); for the generators also what is
        compared, and the codes' means and log variances (N, Z).
        """
        decoder = self.generators[DECODER]
        mean, log_variance = gaussian_codes(self.generators[ENCODER], self.seen(batch))
        code = sample_code(mean, log_variance, torch.randn_like(mean))
        fakes = {"rebuilt": decoder(code.detach()).float(), "generated": decoder(batch[LATENT]).float()}
        if torch.is_grad_enabled():
            compared = decoder(scale_gradient(code, 1 / self.objective.gamma)).float()
            fakes |= {"compared": compared, "mean": mean, "log_variance": log_variance}
        return fakes

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """Real against rebuilt pictures, and against generated ones (their algorithm 1)."""
        terms: Terms = {}
        for name in JUDGED:
            charged = self.adversary.critic_terms(self.seen(batch), fakes[name])
            terms |= weighted(f"{name}_", 1 / len(JUDGED), charged)
        return terms

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """What decoder and encoder pay, of which each feels its own (their equations 7 to 9 and algorithm 1).

        The decoder: gamma times the rebuilding, and what it owes to the critic. The encoder: the rebuilding, whose
        gradient arrives without gamma, and the divergence.
        """
        adversary, real, objective = self.adversary, self.seen(batch), self.objective
        rebuilding = feature_error(adversary.judge.scorer, fakes["compared"], real, objective.layer)
        terms = {
            "rebuilding": objective.gamma * rebuilding,
            "divergence": objective.beta * divergence(fakes["mean"], fakes["log_variance"]),
        }
        for name in JUDGED:
            owed = adversary.generator_terms(fakes[name], real)
            terms |= weighted(f"{name}_", objective.adversarial / len(JUDGED), owed)
        return terms


def scale_gradient(code: Tensor, share: float) -> Tensor:
    """The same code, whose gradient arrives `share` times as large."""
    return code.detach() + share * (code - code.detach())


def feature_error(critic: Scorer, rebuilt: Tensor, real: Tensor, layer: int | None) -> Tensor:
    """-log p of the critic's activations of real pictures, Gaussian with variance 1 about those of rebuilt ones, nats a
    picture but for a constant (their equations 7 and 8); (N, C, S, S) -> a scalar.

    layer: as in `activation`.
    """
    with torch.no_grad():
        wanted = activation(critic.features(real), layer)
    return (activation(critic.features(rebuilt), layer) - wanted).square().flatten(1).sum(dim=1).mean() / 2


def activation(features: Sequence[Tensor], layer: int | None) -> Tensor:
    """One of a critic's activations, counted from 1, float32; by default its last map, or what the score is linear in
    where it has none. Raises Refusal for a layer that it has not.
    """
    before_score = features[:-1]
    if layer is None:
        maps = [values for values in before_score if values.dim() == 4]
        return (maps or before_score)[-1].float()
    if layer > len(before_score):
        raise Refusal(f"--layer {layer}: the critic has {len(before_score)} before its score")
    return before_score[layer - 1].float()


KIND = Kind(VaeGanConfig, VaeGan, open_gan_data, latents_of)
