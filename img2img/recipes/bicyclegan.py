"""BicycleGAN: several answers for one input, each with a latent that can be read off it again (arXiv:1711.11586)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss

from img2img.config.card import CODES, NetworkCard, Task
from img2img.config.train.bicyclegan import BicycleganConfig
from img2img.data.folders.find import find_pairs
from img2img.data.latents import LATENT, Latents
from img2img.data.loading.dataset import from_files
from img2img.data.sides import Sides
from img2img.networks import build
from img2img.recipes.shared.compared import Compared
from img2img.recipes.shared.held import held
from img2img.recipes.shared.scales import Scales
from img2img.recipes.shared.styles import fixed_latents
from img2img.recipes.shared.with_encoder import sample_code

from .kind import Kind
from .recipe import Batch, Terms, game_of, generate, require_size, weighted
from .vae import divergence

NOISE = "noise"
"""In a batch: what codes are drawn by, (N, latent) from N(0, 1)."""
ENCODER = "encoder"
"""The encoder's name in weights files."""
REBUILT, DRAWN = "rebuilt", "drawn"
"""The two kinds of fakes: of the target's own code (cVAE-GAN), and of a latent from the prior (cLR-GAN). Each has its
own critics."""


class Bicyclegan:
    """Two cycles: B -> code -> B, and latent -> B -> latent (equation 9).

    sides: a and b. Batches have these sides, and "latent" and "noise" (N, latent) from the prior.
    Raises Refusal for a size that the networks do not take.
    """

    name = "bicyclegan"
    task: ClassVar[Task] = "translate"
    first: Literal["critics", "generators"] = "generators"
    phase: str = ""
    compares: Literal["pairs", "sets"] = "pairs"

    def __init__(self, config: BicycleganConfig, sides: Sides) -> None:
        channels, networks, size = sides.channels, config.networks, config.data.size
        self.source, self.target = ("a", "b") if config.data.direction == "a-to-b" else ("b", "a")
        self.names, self.size, self.prior = sides.names, size, networks.prior_spec
        self.objective, self.recompute = config.objective, config.run.recompute
        self.game, game = config.objective.game, game_of(config.objective)
        self.direction = f"{self.source}_to_{self.target}"
        self.spec = networks.generator_spec(size, channels[self.source], channels[self.target])
        self.encoder_spec = networks.encoder_spec(size, channels[self.target])
        require_size(size, self.spec, "the generator")
        require_size(size, self.encoder_spec, "the encoder")
        self.generators = nn.ModuleDict({self.direction: build(self.spec), ENCODER: build(self.encoder_spec)})
        specs = networks.critic_specs(channels[self.target], energy=game.critic == "energy")
        self.scales = {name: Scales(name, specs, config.objective, size) for name in (REBUILT, DRAWN)}
        self.critics = {name: spec for scales in self.scales.values() for name, spec in scales.critics.items()}
        self.adversaries = {name: one for scales in self.scales.values() for name, one in scales.adversaries.items()}
        self.frozen = nn.ModuleDict()
        self.critic_steps = config.objective.critic_steps or game.critic_steps

    def play(self, batch: Batch) -> Terms:
        """What is made of the target's code, and of the batch's latents, in one pass; the codes' means and log
        variances (N, latent).
        """
        source = batch[self.source]
        mean, log_variance = self._codes(batch[self.target])
        latents = torch.cat([sample_code(mean, log_variance, batch[NOISE]), batch[LATENT]])
        made = generate(self.generators[self.direction], torch.cat([source, source]), self.recompute, latents)
        rebuilt, drawn = made.split(len(source))
        return {REBUILT: rebuilt, DRAWN: drawn, "mean": mean, "log_variance": log_variance}

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """Each kind of fake against the targets, by critics of its own, which do not see the input (section 4)."""
        terms: Terms = {}
        for name, scales in self.scales.items():
            terms |= weighted(f"{name}/", 1.0, scales.critic_terms(batch[self.target], fakes[name]))
        return terms

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """What G and E pay (equation 9); of the recovery of the latent G alone feels anything (section 4)."""
        target, objective = batch[self.target], self.objective
        terms: Terms = {}
        for name, scales in self.scales.items():
            terms |= weighted(f"{name}/", objective.adversarial, scales.generator_terms(fakes[name], target))
        terms["l1"] = objective.l1 * l1_loss(fakes[REBUILT], target)
        terms["divergence"] = objective.divergence * divergence(fakes["mean"], fakes["log_variance"])
        if objective.recovery:
            read = held(self.generators[ENCODER])(fakes[DRAWN]).float().chunk(2, dim=1)[0]
            terms["recovery"] = objective.recovery * l1_loss(read, batch[LATENT])
        return terms

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """Input, target, what is made of the target's code, and of the latents of the first variants."""
        source, target = batch[self.source], batch[self.target]
        generator, name = generators[self.direction], self.names[self.target]
        code = generators[ENCODER](target).float()[:, : self.prior.size]
        columns = [
            (self.names[self.source], source),
            (f"{name}, real", target),
            ("in its style", generator(source, code).float()),
        ]
        for number, latent in fixed_latents(self.prior, source):
            columns.append((f"{name}-{number}", generator(source, latent).float()))
        return columns

    def compared(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[Compared]:
        """What is made of the target's own code, its mean, against the target.

        Of a drawn latent another answer may be as good, and those that are all alike come nearest to the targets on
        average: such a figure would be best where the variants are worst. How far they differ, this one does not tell.
        """
        source, target = batch[self.source], batch[self.target]
        code = generators[ENCODER](target).float()[:, : self.prior.size]
        return [Compared(generators[self.direction](source, code).float(), target)]

    def network_cards(self) -> dict[str, NetworkCard]:
        """One direction, told a latent, and the encoder of its target."""
        source, target = self.names[self.source], self.names[self.target]
        return {
            self.direction: NetworkCard(spec=self.spec, source=source, target=target, size=self.size, prior=self.prior),
            ENCODER: NetworkCard(spec=self.encoder_spec, source=target, target=CODES, size=self.size),
        }

    def _codes(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_variance = self.generators[ENCODER](pictures).float().chunk(2, dim=1)
        return mean, log_variance


def latents_beside(config: BicycleganConfig) -> Latents:
    """A latent for each pair, and the noise that a code is drawn by."""
    return Latents(config.networks.prior_spec, of="a", called=(LATENT, NOISE))


KIND = Kind(BicycleganConfig, Bicyclegan, from_files(find_pairs), latents_beside)
