"""The unconditional GAN: noise in, samples out, one adversary (arXiv:1406.2661, algorithm 1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn

from img2img.adversarial import Adversary
from img2img.config.base import Refusal
from img2img.config.card import NetworkCard, Task
from img2img.config.gan import GanConfig
from img2img.config.latents import Prior
from img2img.config.networks import AnySpec, CriticSpec
from img2img.data.classes import REAL
from img2img.data.dataset import TrainingData
from img2img.data.latents import LATENT
from img2img.networks import build

from .recipe import Batch, Terms, adversary_of, game_of, require_size, weighted

NETWORK = "generator"
"""The generator's name in weights files."""


class Gan:
    """G(z) against one critic. Batches have the side "real" and its latents, "latent" (N, prior.size).

    generator: network (N, latent) -> (N, ...), samples in [-1, 1]; spec: its description, for the weights file.
    adversary: the critic and its game; critic: the critic's description; game: the game's name.
    prior: what the latents are drawn from. critic_steps: critic steps for each generator step. weight: of what the
    generator pays.
    Raises Refusal for critic_steps below 1.
    """

    name = "gan"
    task: Task = "sample"
    first: Literal["critics", "generators"] = "critics"
    phase: str = ""

    def __init__(
        self,
        generator: nn.Module,
        adversary: Adversary,
        *,
        spec: AnySpec,
        critic: CriticSpec,
        prior: Prior,
        game: str,
        critic_steps: int = 1,
        weight: float = 1.0,
    ) -> None:
        if critic_steps < 1:
            raise Refusal(f"critic steps {critic_steps}: at least 1")
        self.spec, self.prior = spec, prior
        self.game, self.critic_steps, self.weight = game, critic_steps, weight
        self.critics = {REAL: critic}
        self.generators = nn.ModuleDict({NETWORK: generator})
        self.adversaries = nn.ModuleDict({REAL: adversary})
        self.frozen = nn.ModuleDict()
        self.adversary = adversary

    def play(self, batch: Batch) -> Terms:
        """G(z), as many as there are real samples."""
        return {"fake": self.generators[NETWORK](batch[LATENT]).float()}

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The critic judges real against fake samples."""
        return self.adversary.critic_terms(batch[REAL], fakes["fake"])

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """What G pays to the critic: nothing else steers it."""
        return weighted("", self.weight, self.adversary.generator_terms(fakes["fake"], batch[REAL]))

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """Samples of the batch's latents, which stay the same through a run."""
        return [("generated", generators[NETWORK](batch[LATENT]).float())]

    def network_cards(self) -> dict[str, NetworkCard]:
        """One network, from noise."""
        return {NETWORK: NetworkCard(spec=self.spec, source="noise", target="samples", prior=self.prior)}


def gan_of(config: GanConfig, data: TrainingData) -> Gan:
    """The recipe that the options describe. Raises Refusal where they do not go together."""
    networks, objective, size, channels = config.networks, config.objective, config.data.size, data.channels[REAL]
    game = game_of(objective)
    spec = networks.generator_spec(size, channels)
    critic = networks.critic_spec(size, channels, energy=game.critic == "energy")
    require_size(size, critic, "the critic")
    return Gan(
        build(spec),
        adversary_of(critic, objective),
        spec=spec,
        critic=critic,
        prior=networks.prior_spec,
        game=objective.game,
        critic_steps=objective.critic_steps or game.critic_steps,
        weight=objective.adversarial,
    )
