"""CUT: one direction, in which a patch stays what it was by contrast with other patches (arXiv:2007.15651)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import ClassVar, Literal, cast

import torch
from torch import Tensor, nn

from img2img.config.base import Refusal
from img2img.config.card import NetworkCard, Task
from img2img.config.networks.translators import TranslatorSpec
from img2img.config.train.cut import CutConfig
from img2img.data.folders.find import find_domains
from img2img.data.loading.dataset import from_files
from img2img.data.sides import Sides
from img2img.networks import build
from img2img.networks.translators.translator import RESULT, Translator
from img2img.recipes.shared.compared import Compared
from img2img.recipes.shared.scales import Scales
from img2img.recipes.terms.patch_nce import PatchHeads, draw_places, mirrored, patch_nce, patches_at

from .kind import Kind
from .recipe import Batch, Terms, game_of, run_network, translation_card, weighted

DIRECTION, HEADS = "a_to_b", "heads"
KEY, PLACE = "key ", "place "
"""Before an activation's name, in what is played: its patches in the pictures, and where a translation has them."""


class Cut:
    """G: a -> b with one adversary, PatchNCE between a and G(a) and, as an identity term, between b and G(b).

    The heads that make patches comparable learn with G. sides: domains a and b.
    Raises Refusal for domains of different channels: one encoder reads both.
    """

    name = "cut"
    task: ClassVar[Task] = "translate"
    first: Literal["critics", "generators"] = "critics"
    phase: str = ""
    compares: Literal["pairs", "sets"] = "sets"

    def __init__(self, config: CutConfig, sides: Sides) -> None:
        channels, self.names = sides.channels, sides.names
        if channels["a"] != channels["b"]:
            raise Refusal(
                f"cut reads both domains with one encoder, and {self.names['a']} has {channels['a']} channels, "
                f"{self.names['b']} has {channels['b']}; use --channels 1 or 3"
            )
        self.objective, self.recompute = config.objective, config.run.recompute
        self.game, game = config.objective.game, game_of(config.objective)
        self.spec = config.networks.generator_spec(config.data.size, channels["a"], channels["b"])
        self.layers = _layers(self.spec, config.networks.nce_layers)
        heads = PatchHeads({name: self.spec.activations[name] for name in self.layers}, config.networks.nce_width)
        self.generators = nn.ModuleDict({DIRECTION: build(self.spec), HEADS: heads})
        critic = config.networks.critic_spec(channels["b"], energy=game.critic == "energy")
        self.judges = Scales("b", [critic] * config.networks.critics, config.objective, config.data.size)
        self.critics, self.adversaries = self.judges.critics, self.judges.adversaries
        self.frozen = nn.ModuleDict()
        self.critic_steps = config.objective.critic_steps or game.critic_steps
        # A norm of the picture's own statistics lets fakes and identities share a pass without touching each other.
        self.one_pass = config.networks.norm != "batch"

    def play(self, batch: Batch) -> Terms:
        """G(a); with gradients also G(b), where it has a term, and patches of what is translated and their places."""
        flip = self.objective.flip_equivariance and bool(torch.rand(()) < 0.5)
        if not torch.is_grad_enabled():
            return {"b": self._translated(batch["a"], flip, ())[RESULT].float()}
        sources = [batch["a"], batch["b"]] if self.objective.nce_identity else [batch["a"]]
        if self.one_pass:
            found = self._translated(torch.cat(sources), flip, self.layers)
        else:
            found = _joined([self._translated(source, flip, self.layers) for source in sources])
        count = len(batch["a"])
        fakes = {"b": found[RESULT][:count].float(), "same": found[RESULT][count:].float()}
        keys = self._read(torch.cat(sources)) if flip else found
        for name in self.layers:
            places = draw_places(keys[name], self.objective.nce_patches)
            fakes[KEY + name] = patches_at(keys[name].detach(), places)
            fakes[PLACE + name] = mirrored(places, keys[name].shape[3]) if flip else places
        return fakes

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The critic judges real pictures of b against G(a); halved, as in CycleGAN."""
        return weighted("", 0.5, self.judges.critic_terms(batch["b"], fakes["b"]))

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The adversarial term, and PatchNCE for a and for b (equations 4 and 5)."""
        paid = self.judges.generator_terms(fakes["b"], batch["b"])
        terms = weighted("", self.objective.adversarial, paid)
        if not (self.objective.nce or self.objective.nce_identity):
            return terms
        count = len(batch["a"])
        contrast = self._contrast(fakes)
        terms["nce"] = self.objective.nce * contrast[:count].mean()
        if self.objective.nce_identity:
            terms["nce_identity"] = self.objective.nce_identity * contrast[count:].mean()
        return terms

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """a, G(a); b, G(b)."""
        target, generator = self.names["b"], generators[DIRECTION]
        return [
            (self.names["a"], batch["a"]),
            (f"→ {target}", generator(batch["a"]).float()),
            (target, batch["b"]),
            (f"{target} → {target}", generator(batch["b"]).float()),
        ]

    def compared(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[Compared]:
        """G(a) against b."""
        return [Compared(generators[DIRECTION](batch["a"]).float(), batch["b"])]

    def network_cards(self) -> dict[str, NetworkCard]:
        """The one direction."""
        return {DIRECTION: translation_card(self.spec, self.names["a"], self.names["b"])}

    def _contrast(self, fakes: Terms) -> Tensor:
        """PatchNCE of each picture, the mean over the activations: (N,), first those of a."""
        heads, temperature = self.generators[HEADS], self.objective.nce_temperature
        translated = torch.cat([fakes["b"], fakes["same"]])
        found = self._translated(translated, False, self.layers, whole=False)
        queries = heads({name: patches_at(found[name], fakes[PLACE + name]) for name in self.layers})
        with torch.no_grad():
            keys = heads({name: fakes[KEY + name] for name in self.layers})
        return torch.stack([patch_nce(queries[name], keys[name], temperature) for name in self.layers]).mean(dim=0)

    @torch.no_grad()
    def _read(self, pictures: Tensor) -> Mapping[str, Tensor]:
        return self._translated(pictures, False, self.layers, whole=False)

    def _translated(
        self, pictures: Tensor, flip: bool, layers: Collection[str], whole: bool = True
    ) -> Mapping[str, Tensor]:
        """The generator's activations; whole: and the translation of the pictures, mirrored if asked."""
        generator = cast(Translator, self.generators[DIRECTION])
        names = [*layers, RESULT] if whole else layers
        shown = pictures.flip(3) if flip else pictures
        return run_network(partial(generator.activations, names=names), shown, self.recompute)


def _joined(parts: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def _layers(spec: TranslatorSpec, asked: str | None) -> tuple[str, ...]:
    """The activations that are asked for. Raises Refusal for one that the generator has not."""
    if asked is None:
        return spec.compared
    names = tuple(part.strip() for part in asked.split(","))
    for name in names:
        if name not in spec.activations:
            allowed = ", ".join(spec.activations)
            raise Refusal(f"--nce-layers {asked}: {name!r} is no activation of {spec.network}, which has {allowed}")
    if len(set(names)) < len(names):
        raise Refusal(f"--nce-layers {asked}: names one twice")
    return names


KIND = Kind(CutConfig, Cut, from_files(find_domains))
