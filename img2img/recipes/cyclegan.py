"""CycleGAN: two mappings, each undoing the other (arXiv:1703.10593, equations 1 to 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss

from img2img.config.base import Refusal
from img2img.config.card import NetworkCard, Task
from img2img.config.train.cyclegan import CycleganConfig
from img2img.data.folders.find import find_domains
from img2img.data.loading.dataset import from_files
from img2img.data.sides import Sides
from img2img.networks import build
from img2img.recipes.shared.compared import Compared
from img2img.recipes.shared.scales import Scales

from .kind import Kind
from .recipe import Batch, Terms, game_of, generate, translation_card, weighted

OTHER = {"a": "b", "b": "a"}


class Cyclegan:
    """G: a -> b and F: b -> a, with an adversary for each domain, cycle and identity terms.

    sides: domains a and b.
    Raises Refusal for an identity term between domains of different channels.
    """

    name = "cyclegan"
    task: ClassVar[Task] = "translate"
    first: Literal["critics", "generators"] = "generators"
    phase: str = ""
    compares: Literal["pairs", "sets"] = "sets"

    def __init__(self, config: CycleganConfig, sides: Sides) -> None:
        channels, names = sides.channels, sides.names
        self.names = names
        self.objective = config.objective
        self.game = config.objective.game
        self.recompute = config.run.recompute
        if self.objective.identity and channels["a"] != channels["b"]:
            raise Refusal(
                f"the identity term needs domains of equal channels, and {names['a']} has {channels['a']}, "
                f"{names['b']} has {channels['b']}; use --identity 0, or --channels 1 or 3"
            )
        size, networks, game = config.data.size, config.networks, game_of(config.objective)
        self.specs = {
            f"{source}_to_{target}": networks.generator_spec(size, channels[source], channels[target])
            for source, target in OTHER.items()
        }
        self.generators = nn.ModuleDict({direction: build(spec) for direction, spec in self.specs.items()})
        energy = game.critic == "energy"
        specs = {domain: networks.critic_spec(channels[domain], energy=energy) for domain in OTHER}
        self.judges = {
            domain: Scales(domain, [specs[domain]] * networks.critics, config.objective, size) for domain in OTHER
        }
        self.critics = {name: spec for scales in self.judges.values() for name, spec in scales.critics.items()}
        self.adversaries = {name: one for scales in self.judges.values() for name, one in scales.adversaries.items()}
        self.frozen = nn.ModuleDict()
        self.critic_steps = config.objective.critic_steps or game.critic_steps
        # A norm of the picture's own statistics lets fakes and identities share a pass without touching each other.
        self.one_pass = config.networks.norm != "batch" and channels["a"] == channels["b"]

    def play(self, batch: Batch) -> Terms:
        """G(a) and F(b); with gradients and an identity term also G(b) and F(a), in one pass where that is equal."""
        fakes: Terms = {}
        with_identity = self.objective.identity > 0 and torch.is_grad_enabled()
        for source, target in OTHER.items():
            real, same = batch[source], batch[target]
            if not with_identity:
                fakes[target] = self._translate(source, real)
            elif self.one_pass:
                fakes[target], fakes[f"same_{target}"] = self._translate(source, torch.cat([real, same])).split(
                    [len(real), len(same)]
                )
            else:
                fakes[target], fakes[f"same_{target}"] = self._translate(source, real), self._translate(source, same)
        return fakes

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """Each domain's critic judges its real pictures against (pooled) fakes; halved (appendix 7.1)."""
        terms: Terms = {}
        for domain in OTHER:
            charged = self.judges[domain].critic_terms(batch[domain], fakes[domain])
            terms |= weighted(f"{domain}/", 0.5, charged)
        return terms

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """Adversarial terms, cycle |F(G(a)) - a| and |G(F(b)) - b|, identity |G(b) - b| and |F(a) - a|."""
        terms: Terms = {}
        cycle, identity = self.objective.cycle, self.objective.identity
        for domain in OTHER:
            real = batch[domain]
            paid = self.judges[domain].generator_terms(fakes[domain], real)
            terms |= weighted(f"{domain}/", self.objective.adversarial, paid)
            if cycle:
                back = self._translate(OTHER[domain], fakes[OTHER[domain]])
                terms[f"{domain}/cycle"] = cycle * l1_loss(back, real)
            if identity:
                terms[f"{domain}/identity"] = cycle * identity * l1_loss(fakes[f"same_{domain}"], real)
        return terms

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """a, G(a), F(G(a)); b, F(b), G(F(b))."""
        columns: list[tuple[str, Tensor]] = []
        for source, target in OTHER.items():
            there = generators[f"{source}_to_{target}"](batch[source]).float()
            back = generators[f"{target}_to_{source}"](there).float()
            columns += [
                (self.names[source], batch[source]),
                (f"→ {self.names[target]}", there),
                (f"→ {self.names[source]} again", back),
            ]
        return columns

    def compared(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[Compared]:
        """G(a) against b, F(b) against a."""
        return [
            Compared(generators[f"{source}_to_{target}"](batch[source]).float(), batch[target])
            for source, target in OTHER.items()
        ]

    def network_cards(self) -> dict[str, NetworkCard]:
        """Both directions."""
        return {
            f"{source}_to_{target}": translation_card(
                self.specs[f"{source}_to_{target}"], self.names[source], self.names[target]
            )
            for source, target in OTHER.items()
        }

    def _translate(self, source: str, image: Tensor) -> Tensor:
        return generate(self.generators[f"{source}_to_{OTHER[source]}"], image, self.recompute)


KIND = Kind(CycleganConfig, Cyclegan, from_files(find_domains))
