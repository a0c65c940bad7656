"""StarGAN: one generator from any domain to any other, which a critic that names domains judges (arXiv:1711.09020)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss

from img2img.config.base import Refusal
from img2img.config.card import NetworkCard, Task
from img2img.config.networks.samplers import REAL
from img2img.config.train.stargan import StarganConfig
from img2img.data.folders.classes import find_domain_folders
from img2img.data.loading.batches import LABEL
from img2img.data.loading.dataset import from_files
from img2img.data.sides import Sides
from img2img.data.targets import TARGET, ShuffledTargets
from img2img.networks import build
from img2img.recipes.shared.compared import Compared
from img2img.recipes.terms.readouts import class_readout

from .kind import Kind
from .recipe import Batch, Terms, adversary_of, game_of, generate, require_size

NETWORK = "generator"
"""The generator's name in weights files."""


class Stargan:
    """G(x, c) has the content of x and is of domain c; D scores pictures and names their domain.

    Batches have the side "real", and for each picture the number of its domain, "label", and of that which it is
    translated to, "target".
    Raises Refusal for a size that the networks do not take, and for --unroll.
    """

    name = "stargan"
    task: ClassVar[Task] = "translate"
    first: Literal["critics", "generators"] = "critics"
    phase: str = ""
    compares: Literal["pairs", "sets"] = "sets"

    def __init__(self, config: StarganConfig, sides: Sides) -> None:
        self.classes, channels, networks = tuple(sides.classes), sides.channels[REAL], config.networks
        self.objective, self.recompute = config.objective, config.run.recompute
        self.game, game = config.objective.game, game_of(config.objective)
        if config.objective.unroll:
            raise Refusal(f"--unroll {config.objective.unroll}: not with a critic that names domains, too")
        self.spec = networks.generator_spec(channels, len(self.classes))
        critic = networks.critic_spec(config.data.size, channels, len(self.classes), energy=game.critic == "energy")
        require_size(config.data.size, self.spec, "the generator")
        require_size(config.data.size, critic, "the critic")
        self.critics = {REAL: critic}
        self.generators = nn.ModuleDict({NETWORK: build(self.spec)})
        readout = class_readout(config.objective.domain, on_fake=False)
        self.adversaries = {REAL: adversary_of(critic, config.objective, readout)}
        self.frozen = nn.ModuleDict()
        self.critic_steps = config.objective.critic_steps or game.critic_steps

    def play(self, batch: Batch) -> Terms:
        """G(x, c)."""
        return {"fake": generate(self.generators[NETWORK], batch[REAL], self.recompute, batch[TARGET])}

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The critic judges x against G(x, c), and names the domain of x (equations 1, 2, 5 and 8)."""
        return self.adversaries[REAL].critic_terms(batch[REAL], fakes["fake"], batch[LABEL])

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """What G pays to the critic, which is to name c, and for |x - G(G(x, c), c')|, c' the domain of x (equations 1,
        3, 4 and 6).
        """
        real, fake = batch[REAL], fakes["fake"]
        paid = self.adversaries[REAL].generator_terms(fake, real, batch[TARGET])
        # The weight of the domain is the readout's own, so that only the rest is of the adversarial term's.
        terms = {name: term if name == "read" else self.objective.adversarial * term for name, term in paid.items()}
        if self.objective.rebuilding:
            back = generate(self.generators[NETWORK], fake, self.recompute, batch[LABEL])
            terms["rebuilding"] = self.objective.rebuilding * l1_loss(back, real)
        return terms

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """The picture, and its translation to every domain, its own among them."""
        real = batch[REAL]
        columns = [("input", real)]
        for number, name in enumerate(self.classes):
            label = torch.full((len(real),), number, device=real.device)
            columns.append((f"→ {name}", generators[NETWORK](real, label).float()))
        return columns

    def compared(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[Compared]:
        """For each domain, the translations to it of the pictures of all others, against its own pictures."""
        real, label = batch[REAL], batch[LABEL]
        found = []
        for number in range(len(self.classes)):
            others = real[label != number]
            told = torch.full((len(others),), number, device=real.device)
            # A batch may be of this domain alone, and not every layer takes none.
            made = generators[NETWORK](others, told).float() if len(others) else others
            found.append(Compared(made, real[label == number]))
        return found

    def fewest(self, held_out: Batch) -> int:
        """Pictures of the domain that has the fewest, or of all others than one."""
        counts = torch.bincount(held_out[LABEL], minlength=len(self.classes))
        return int(torch.minimum(counts, counts.sum() - counts).min())

    def network_cards(self) -> dict[str, NetworkCard]:
        """One network, to every domain."""
        return {NETWORK: NetworkCard(spec=self.spec, source="any domain", target="any domain", classes=self.classes)}


KIND = Kind(StarganConfig, Stargan, from_files(find_domain_folders), lambda config: ShuffledTargets())
