"""A generator from noise against its critics, whatever they are made of (arXiv:1406.2661, algorithm 1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal, cast

from torch import Tensor, nn

from img2img.adversarial import Adversary
from img2img.config.base import Refusal
from img2img.config.card import NetworkCard, Task
from img2img.config.networks import AnySpec, CriticSpec
from img2img.config.networks.prior import Prior
from img2img.data.folders.classes import REAL
from img2img.data.latents import LATENT
from img2img.data.loading.batches import LABEL
from img2img.networks.samplers.generator import Plays
from img2img.recipes.recipe import Batch, Terms, weighted
from img2img.recipes.terms.path_length import PathLength

from .compared import Compared

NETWORK = "generator"
"""The generator's name in weights files."""


class FromNoise:
    """G(z) against its critics. Batches have the side "real" and its latents, "latent" (N, prior.size).

    generator: network (N, latent) -> (N, ...), samples in [-1, 1], which says what its critics are shown (`Plays`);
    spec: its description, for the weights file.
    adversaries: for each thing shown a critic and its game; critics: the critics' descriptions; game: the game's name.
    prior: what the latents are drawn from; classes: names of those that G is told, by number, if any; batches then have
    a "label" (N,) for the real pictures, which is the fakes', too. The critics are given the label, or else the codes
    that the prior has. critic_steps: critic steps for each generator step. weight: of what the generator pays to them.
    path_length: weight of the regularisation of paths; 0: none.
    Raises Refusal for critic_steps below 1, and for a path_length of a generator without styles.
    """

    name = "from noise"
    task: ClassVar[Task] = "sample"
    first: Literal["critics", "generators"] = "critics"
    phase: str = ""
    compares: Literal["pairs", "sets"] = "sets"

    def __init__(
        self,
        generator: nn.Module,
        adversaries: Mapping[str, Adversary],
        *,
        spec: AnySpec,
        critics: Mapping[str, CriticSpec],
        prior: Prior,
        classes: Sequence[str] = (),
        game: str,
        critic_steps: int = 1,
        weight: float = 1.0,
        path_length: float = 0.0,
    ) -> None:
        if critic_steps < 1:
            raise Refusal(f"critic steps {critic_steps}: at least 1")
        self.spec, self.prior, self.classes = spec, prior, tuple(classes)
        self.game, self.critic_steps, self.weight = game, critic_steps, weight
        self.critics = critics
        self.path_length = PathLength(generator, path_length)
        self.generators = nn.ModuleDict({NETWORK: generator})
        self.adversaries = dict(adversaries)
        self.frozen = nn.ModuleDict()

    def play(self, batch: Batch) -> Terms:
        """G(z), as many as there are real samples, by what they are set against."""
        fakes = self._plays.fakes(batch[LATENT], self._plays.reals(batch[REAL]), self._label(batch))
        return {name: fake.float() for name, fake in fakes.items()}

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """Each critic judges real against fake samples."""
        terms: Terms = {}
        for prefix, adversary, real, fake in self._judged(batch, fakes):
            terms |= weighted(prefix, 1.0, adversary.critic_terms(real, fake, self._given(batch)))
        return terms

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """What G pays to the critics, and for uneven paths."""
        terms = self.path_length.terms(batch[LATENT], self._label(batch))
        for prefix, adversary, real, fake in self._judged(batch, fakes):
            terms |= weighted(prefix, self.weight, adversary.generator_terms(fake, real, self._given(batch)))
        return terms

    @property
    def _plays(self) -> Plays:
        return cast(Plays, self.generators[NETWORK])

    def _label(self, batch: Batch) -> Tensor | None:
        return batch[LABEL] if self.classes else None

    def _given(self, batch: Batch) -> Tensor | None:
        """What the critics know beside a picture, or are to find out."""
        codes = batch[LATENT][:, self.prior.noise :] if self.prior.codes else None
        return batch[LABEL] if self.classes else codes

    def _judged(self, batch: Batch, fakes: Terms) -> Iterator[tuple[str, Adversary, Tensor, Tensor]]:
        """For each critic the prefix of its terms, where there are several, itself, and what it tells apart."""
        for name, real in self._plays.reals(batch[REAL]).items():
            prefix = f"{name}_" if len(self.adversaries) > 1 else ""
            yield prefix, self.adversaries[name], real, fakes[name]

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """Samples of the batch's latents, which stay the same through a run."""
        # Toys' generators are plain networks on vectors.
        told = [batch[LABEL]] if self.classes else []
        return [("generated", generators[NETWORK](batch[LATENT], *told).float())]

    def compared(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[Compared]:
        """Samples of the batch's latents against its pictures."""
        ((_, made),) = self.show(generators, batch)
        return [Compared(made, batch[REAL])]

    def network_cards(self) -> dict[str, NetworkCard]:
        """One network, from noise."""
        card = NetworkCard(spec=self.spec, source="noise", target="samples", prior=self.prior, classes=self.classes)
        return {NETWORK: card}
