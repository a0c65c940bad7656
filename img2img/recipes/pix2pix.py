"""pix2pix: a conditional adversary and L1 (arXiv:1611.07004, equations 1 to 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from torch import Tensor, nn
from torch.nn.functional import l1_loss

from img2img.config.card import NetworkCard, Task
from img2img.config.train.pix2pix import Pix2pixConfig
from img2img.data.dataset import from_files
from img2img.data.folders import find_pairs
from img2img.data.sides import Sides
from img2img.networks import build

from .kind import Kind
from .recipe import Batch, Terms, adversary_of, game_of, generate, translation_card, weighted


class Pix2pix:
    """G* = arg min max L_cGAN(G, D) + l1 E|y - G(x)|: x is the input side, y the target.

    sides: a and b.
    """

    name = "pix2pix"
    task: ClassVar[Task] = "translate"
    first: Literal["critics", "generators"] = "critics"
    phase: str = ""

    def __init__(self, config: Pix2pixConfig, sides: Sides) -> None:
        channels = sides.channels
        self.source, self.target = ("a", "b") if config.data.direction == "a-to-b" else ("b", "a")
        self.names = sides.names
        self.objective = config.objective
        self.game = config.objective.game
        self.recompute = config.run.recompute
        self.spec = config.networks.generator_spec(config.data.size, channels[self.source], channels[self.target])
        game = game_of(config.objective)
        energy = game.critic == "energy"
        critic = config.networks.critic_spec(channels[self.target], channels[self.source], energy=energy)
        self.critics = {self.target: critic}
        self.direction = f"{self.source}_to_{self.target}"
        self.generators = nn.ModuleDict({self.direction: build(self.spec)})
        self.adversaries = {self.target: adversary_of(critic, config.objective)}
        self.frozen = nn.ModuleDict()
        self.critic_steps = config.objective.critic_steps or game.critic_steps

    def play(self, batch: Batch) -> Terms:
        """G(x)."""
        return {"fake": generate(self.generators[self.direction], batch[self.source], self.recompute)}

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The critic judges (x, y) against (x, G(x)); halved, which slows it down (section 3.3)."""
        adversary = self.adversaries[self.target]
        return weighted("", 0.5, adversary.critic_terms(batch[self.target], fakes["fake"], batch[self.source]))

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """What G pays to the critic, and l1 |y - G(x)|."""
        real, fake = batch[self.target], fakes["fake"]
        terms = self.adversaries[self.target].generator_terms(fake, real, batch[self.source])
        return weighted("", self.objective.adversarial, terms) | {"l1": self.objective.l1 * l1_loss(fake, real)}

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """Input, output, target."""
        source, target = self.names[self.source], self.names[self.target]
        output = generators[self.direction](batch[self.source]).float()
        return [(source, batch[self.source]), (f"{target}, generated", output), (f"{target}, real", batch[self.target])]

    def network_cards(self) -> dict[str, NetworkCard]:
        """One direction."""
        source, target = self.names[self.source], self.names[self.target]
        return {self.direction: translation_card(self.spec, source, target)}


KIND = Kind(Pix2pixConfig, Pix2pix, from_files(find_pairs))
