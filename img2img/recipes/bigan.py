"""BiGAN and ALI: a critic tells real pictures with their codes from codes with their pictures (arXiv:1605.09782,
arXiv:1606.00704)."""

from __future__ import annotations

import torch
from torch import Tensor

from img2img.config.base import Refusal
from img2img.config.networks.samplers import REAL
from img2img.config.train.bigan import BiganConfig
from img2img.data.gan_data import open_gan_data
from img2img.data.latents import LATENT, latents_of
from img2img.data.sides import Sides
from img2img.recipes.shared.with_encoder import DECODER, ENCODER, WithEncoder, gaussian_codes, readout_of, sample_code

from .kind import Kind
from .recipe import Batch, Terms, weighted


class Bigan(WithEncoder):
    """The critic judges (x, E(x)) as real and (G(z), z) as fake; E and G want each taken for the other.

    Raises Refusal for what the networks do not take, for a game of energies, and for --unroll.
    """

    name = "bigan"

    def __init__(self, config: BiganConfig, sides: Sides) -> None:
        super().__init__(config.networks, config.data.size, sides.channels[REAL], gaussian=config.networks.stochastic)
        self.judge(config.networks, config.objective)
        self.objective, self.stochastic = config.objective, config.networks.stochastic
        if config.objective.unroll:
            raise Refusal(f"--unroll {config.objective.unroll}: not with an encoder, whose term knows no critic ahead")

    def play(self, batch: Batch) -> Terms:
        """Pictures of the latents, and codes of the pictures (N, Z)."""
        return {
            "generated": self.generators[DECODER](batch[LATENT]).float(),
            "code": self._codes(self.seen(batch)),
        }

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """Real pairs against fake ones (arXiv:1605.09782, equation 3)."""
        return self.adversary.critic_terms(self.seen(batch), fakes["generated"], fakes["code"], batch[LATENT])

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """What G pays for its pairs, and E for its own (arXiv:1606.00704, algorithm 1)."""
        real, code = self.seen(batch), fakes["code"]
        owed = self.adversary.generator_terms(fakes["generated"], real, code, batch[LATENT])
        return weighted("", self.objective.adversarial, owed | self.adversary.encoder_terms(real, code))

    def _codes(self, pictures: Tensor) -> Tensor:
        if not self.stochastic:
            return readout_of(self.generators[ENCODER], pictures)
        mean, log_variance = gaussian_codes(self.generators[ENCODER], pictures)
        return sample_code(mean, log_variance, torch.randn_like(mean))


KIND = Kind(BiganConfig, Bigan, open_gan_data, latents_of)
