"""The unconditional GAN: noise in, samples out (arXiv:1406.2661, algorithm 1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, cast

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
from img2img.networks.generator import Plays

from .path_length import PathLength
from .recipe import Batch, Terms, adversary_at, adversary_of, game_of, require_size, weighted

NETWORK = "generator"
"""The generator's name in weights files."""


class Gan:
    """G(z) against its critics. Batches have the side "real" and its latents, "latent" (N, prior.size).

    generator: network (N, latent) -> (N, ...), samples in [-1, 1], which says what its critics are shown (`Plays`);
    spec: its description, for the weights file.
    adversaries: for each thing shown a critic and its game; critics: the critics' descriptions; game: the game's name.
    prior: what the latents are drawn from. critic_steps: critic steps for each generator step. weight: of what the
    generator pays. path_length: weight of the regularisation of paths; 0: none.
    Raises Refusal for critic_steps below 1, and for a path_length of a generator without styles.
    """

    name = "gan"
    task: Task = "sample"
    first: Literal["critics", "generators"] = "critics"
    phase: str = ""

    def __init__(
        self,
        generator: nn.Module,
        adversaries: Mapping[str, Adversary],
        *,
        spec: AnySpec,
        critics: Mapping[str, CriticSpec],
        prior: Prior,
        game: str,
        critic_steps: int = 1,
        weight: float = 1.0,
        path_length: float = 0.0,
    ) -> None:
        if critic_steps < 1:
            raise Refusal(f"critic steps {critic_steps}: at least 1")
        self.spec, self.prior = spec, prior
        self.game, self.critic_steps, self.weight = game, critic_steps, weight
        self.critics = critics
        self.path_length = PathLength(generator, path_length)
        self.generators = nn.ModuleDict({NETWORK: generator})
        self.adversaries = nn.ModuleDict(dict(adversaries))
        self.frozen = nn.ModuleDict()

    def play(self, batch: Batch) -> Terms:
        """G(z), as many as there are real samples, by what they are set against."""
        fakes = self._plays.fakes(batch[LATENT], self._plays.reals(batch[REAL]))
        return {name: fake.float() for name, fake in fakes.items()}

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """Each critic judges real against fake samples."""
        terms: Terms = {}
        for prefix, adversary, real, fake in self._judged(batch, fakes):
            terms |= weighted(prefix, 1.0, adversary.critic_terms(real, fake))
        return terms

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """What G pays to the critics, and for uneven paths."""
        terms = self.path_length.terms(batch[LATENT])
        for prefix, adversary, real, fake in self._judged(batch, fakes):
            terms |= weighted(prefix, self.weight, adversary.generator_terms(fake, real))
        return terms

    @property
    def _plays(self) -> Plays:
        return cast(Plays, self.generators[NETWORK])

    def _judged(self, batch: Batch, fakes: Terms) -> Iterator[tuple[str, Adversary, Tensor, Tensor]]:
        """For each critic the prefix of its terms, where there are several, itself, and what it tells apart."""
        for name, real in self._plays.reals(batch[REAL]).items():
            prefix = f"{name}_" if len(self.adversaries) > 1 else ""
            yield prefix, adversary_at(self.adversaries, name), real, fakes[name]

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
    energy = game.critic == "energy"
    critics = {name: networks.critic_spec(side, channels, energy=energy) for name, side in spec.judged.items()}
    for name, side in spec.judged.items():
        require_size(side, critics[name], "the critic")
    return Gan(
        build(spec),
        {name: adversary_of(critic, objective) for name, critic in critics.items()},
        spec=spec,
        critics=critics,
        prior=networks.prior_spec,
        game=objective.game,
        critic_steps=objective.critic_steps or game.critic_steps,
        weight=objective.adversarial,
        path_length=objective.path_length,
    )
