"""UNIT: two variational autoencoders that share their contents, so that each translates (arXiv:1703.00848)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss

from img2img.config.base import Refusal
from img2img.config.card import NetworkCard
from img2img.config.train.unit import UnitConfig
from img2img.data.folders.find import find_domains
from img2img.data.loading.dataset import from_files
from img2img.data.sides import Sides
from img2img.recipes.shared.compared import Compared
from img2img.recipes.shared.with_content import OTHER, WithContent, way_from

from .kind import Kind
from .recipe import Batch, Terms


class Unit(WithContent):
    """Contents are Gaussian about what the encoder gives, with variance 1 (section 3).

    Raises Refusal for a size that the networks do not take, and for more shared blocks than there are.
    """

    name = "unit"

    def __init__(self, config: UnitConfig, sides: Sides) -> None:
        super().__init__(config.networks, config.objective, config.data.size, sides, recompute=config.run.recompute)
        self.objective = config.objective
        if config.networks.shared > config.networks.blocks:
            raise Refusal(f"--shared {config.networks.shared}: allowed: up to --blocks, {config.networks.blocks}")
        share(self.generators, config.networks.shared)
        self.noise: Callable[[Tensor], Tensor] = torch.randn_like
        """What contents are drawn by, of their shape."""

    def play(self, batch: Batch) -> Terms:
        """Translations to each domain; with gradients also the contents' means, and the contents drawn about them."""
        played: Terms = {}
        for source, target in OTHER.items():
            mean = self.content(source, batch[source])
            drawn = mean + self.noise(mean)
            played[target] = self.picture(target, drawn)
            if torch.is_grad_enabled():
                played |= {f"mean_{source}": mean, f"drawn_{source}": drawn}
        return played

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The critics of each domain judge its pictures against translations to it (equations 5 and 6)."""
        return {
            name: term for domain in OTHER for name, term in self.judged(domain, batch[domain], fakes[domain]).items()
        }

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """What is paid to the critics, to the autoencoders (equations 3 and 4) and for cycles (equations 8 and 9)."""
        terms: Terms = {}
        objective = self.objective
        for domain, other in OTHER.items():
            real = batch[domain]
            terms |= self.owed(domain, fakes[domain], real)
            rebuilt = self.picture(domain, fakes[f"drawn_{domain}"])
            terms[f"{domain}/rebuilding"] = objective.rebuilding * l1_loss(rebuilt, real)
            terms[f"{domain}/divergence"] = objective.divergence * divergence_a_number(fakes[f"mean_{domain}"])
            mean = self.content(other, fakes[other])
            back = self.picture(domain, mean + self.noise(mean))
            terms[f"{domain}/cycle"] = objective.cycle * l1_loss(back, real)
            terms[f"{domain}/cycle_divergence"] = objective.cycle_divergence * divergence_a_number(mean)
        return terms

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """For each way the picture, its translation, and what comes back of that."""
        columns: list[tuple[str, Tensor]] = []
        for source, target in OTHER.items():
            there = way_from(generators, source)(batch[source]).float()
            back = way_from(generators, target)(there).float()
            columns += [
                (self.names[source], batch[source]),
                (f"→ {self.names[target]}", there),
                (f"→ {self.names[source]} again", back),
            ]
        return columns

    def compared(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[Compared]:
        """Translations each way, of the contents' means, against the domain that they are of."""
        return [
            Compared(way_from(generators, source)(batch[source]).float(), batch[target])
            for source, target in OTHER.items()
        ]

    def network_cards(self) -> dict[str, NetworkCard]:
        """Both ways."""
        return self.ways()


def share(generators: nn.ModuleDict, blocks: int) -> None:
    """Gives both ways the same last blocks of the encoder, and the same first blocks of the decoder (section 3)."""
    one, other = (way_from(generators, domain) for domain in OTHER)
    for place in range(blocks):
        other.encoder.blocks[-1 - place] = one.encoder.blocks[-1 - place]
        other.decoder.blocks[place] = one.decoder.blocks[place]


def divergence_a_number(mean: Tensor) -> Tensor:
    """KL(N(mean, 1) || N(0, 1)), the mean over the numbers of the content, nats: any shape -> a scalar."""
    return mean.square().mean() / 2


KIND = Kind(UnitConfig, Unit, from_files(find_domains))
