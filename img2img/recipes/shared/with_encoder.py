"""What the recipes with an encoder share: codes of pictures, pictures of codes, and the sheet that shows both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, cast

from torch import Tensor, nn

from img2img.adversarial import Adversary
from img2img.config.card import CODES, NetworkCard, Task
from img2img.config.networks import CriticSpec
from img2img.config.networks.samplers import REAL
from img2img.config.sections.objective import Adversarial
from img2img.config.train.encoders import EncoderNetworks, JudgedNetworks
from img2img.data.latents import LATENT
from img2img.networks import build
from img2img.networks.samplers.generator import Plays
from img2img.networks.samplers.whole_critic import WholeCritic
from img2img.recipes.recipe import Batch, adversary_of, game_of, require_size

from .compared import Compared

DECODER, ENCODER = "generator", "encoder"
"""The networks' names in weights files; the decoder is a generator like any other."""


class WithEncoder:
    """A decoder from codes to pictures, and an encoder back. Batches have the side "real" (N, C, S, S) and "latent"
    (N, Z), codes from the prior.

    gaussian: whether the encoder reads log variances, too, so that codes are drawn from Gaussians.
    Nobody judges, unless a recipe says so (`judge`).
    Raises Refusal for what the networks do not take.
    """

    task: ClassVar[Task] = "sample"
    first: Literal["critics", "generators"] = "critics"
    phase: str = ""
    compares: Literal["pairs", "sets"] = "sets"

    def __init__(self, networks: EncoderNetworks, size: int, channels: int, *, gaussian: bool) -> None:
        self.spec, self.prior = networks.decoder_spec(size, channels), networks.prior_spec
        self.encoder_spec = networks.encoder_spec(size, channels, gaussian=gaussian)
        require_size(size, self.encoder_spec, "the encoder")
        self.generators = nn.ModuleDict({DECODER: build(self.spec), ENCODER: build(self.encoder_spec)})
        self.adversaries: dict[str, Adversary] = {}
        self.frozen = nn.ModuleDict()
        self.critics: Mapping[str, CriticSpec] = {}
        self.game, self.critic_steps = "none", 1

    def judge(self, networks: JudgedNetworks, objective: Adversarial) -> None:
        """Sets the network's own critic against the decoder, by the game that the options say. Raises Refusal where
        they do not go together.
        """
        game = game_of(objective)
        spec = networks.critic_spec(self.spec.size, self.spec.channels, energy=game.critic == "energy")
        self.critics, self.adversaries[REAL] = {REAL: spec}, adversary_of(spec, objective)
        self.game, self.critic_steps = objective.game, objective.critic_steps or game.critic_steps

    @property
    def adversary(self) -> Adversary:
        """The one critic and its game."""
        return self.adversaries[REAL]

    def seen(self, batch: Batch) -> Tensor:
        """The real pictures in the detail that the decoder's have by now."""
        return cast(Plays, self.generators[DECODER]).reals(batch[REAL])[REAL]

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """Pictures, what the decoder makes of their codes, and of latents that stay the same through a run."""
        decoder, code = generators[DECODER], mean_code(generators[ENCODER], batch[REAL], self.prior.size)
        return [("real", batch[REAL]), ("rebuilt", decoder(code)), ("generated", decoder(batch[LATENT]))]

    def compared(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[Compared]:
        """What the decoder makes of latents against the batch's pictures."""
        return [Compared(generators[DECODER](batch[LATENT]).float(), batch[REAL])]

    def network_cards(self) -> dict[str, NetworkCard]:
        """The decoder, from noise, and the encoder."""
        return {
            DECODER: NetworkCard(spec=self.spec, source="noise", target="samples", prior=self.prior),
            ENCODER: NetworkCard(spec=self.encoder_spec, source="samples", target=CODES),
        }


def readout_of(encoder: nn.Module, pictures: Tensor) -> Tensor:
    """All that the encoder reads off pictures: (N, C, S, S) -> (N, readout), float32."""
    assert isinstance(encoder, WholeCritic)
    return encoder.read(encoder.features(pictures)).float()


def gaussian_codes(encoder: nn.Module, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Means and log variances of the pictures' codes: (N, C, S, S) -> twice (N, Z), float32."""
    mean, log_variance = readout_of(encoder, pictures).chunk(2, dim=1)
    return mean, log_variance


def mean_code(encoder: nn.Module, pictures: Tensor, numbers: int) -> Tensor:
    """The pictures' codes, or their means where the encoder has log variances behind them: (N, numbers), float32."""
    return readout_of(encoder, pictures)[:, :numbers]


def sample_code(mean: Tensor, log_variance: Tensor, noise: Tensor) -> Tensor:
    """Codes from these Gaussians (arXiv:1312.6114, section 2.4); noise: from N(0, 1); all (N, Z)."""
    return mean + (log_variance / 2).exp() * noise
