"""pix2pix: a conditional adversary and L1 (arXiv:1611.07004, equations 1 to 4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss

from img2img.config.base import Refusal
from img2img.config.card import NetworkCard, Task
from img2img.config.networks.translators import EnhancerSpec, TranslatorSpec
from img2img.config.train.pix2pix import COARSE, LOCAL, Pix2pixConfig
from img2img.data.folders.find import find_pairs
from img2img.data.loading.dataset import from_files
from img2img.data.sides import Sides
from img2img.networks import build
from img2img.networks.layers.label_planes import reader_of
from img2img.networks.layers.resample import mean_halved
from img2img.networks.translators.enhancer import Enhancer
from img2img.recipes.shared.compared import Compared
from img2img.recipes.shared.scales import Scales
from img2img.recipes.terms.feature_terms import feature_terms

from .kind import Kind
from .recipe import Batch, Terms, game_of, generate, require_size, translation_card, weighted

FEATURES = "features"


class Pix2pix:
    """G* = arg min max L_cGAN(G, D) + l1 E|y - G(x)|: x is the input side, y the target.

    sides: a and b.
    """

    name = "pix2pix"
    task: ClassVar[Task] = "translate"
    first: Literal["critics", "generators"] = "critics"
    phase: str = ""
    compares: Literal["pairs", "sets"] = "pairs"

    def __init__(self, config: Pix2pixConfig, sides: Sides) -> None:
        channels = sides.channels
        self.source, self.target = ("a", "b") if config.data.direction == "a-to-b" else ("b", "a")
        self.names = sides.names
        self.objective = config.objective
        self.game = config.objective.game
        self.recompute = config.run.recompute
        self.spec = _generator_spec(config, channels[self.source], channels[self.target])
        require_size(config.data.shape, self.spec, "the generator")
        self._refuse_phases(config)
        game = game_of(config.objective)
        energy = game.critic == "energy"
        critic = config.networks.critic_spec(channels[self.target], self.spec.planes, energy=energy)
        self.direction = f"{self.source}_to_{self.target}"
        self.generators = nn.ModuleDict({self.direction: build(self.spec)})
        shrunk = 2 if config.optimisation.coarse_to_fine else 1
        self.read = reader_of(self.spec.labels, self.spec.instances)
        self.judges = Scales(
            self.target, [critic] * config.networks.critics, config.objective, config.data.shape, shrunk
        )
        self.critics, self.adversaries = self.judges.critics, self.judges.adversaries
        features = feature_terms(config.objective)
        self.frozen = nn.ModuleDict({FEATURES: features} if features else {})
        self.critic_steps = config.objective.critic_steps or game.critic_steps

    def play(self, batch: Batch) -> Terms:
        """G(x); in the phase "coarse" what the coarse generator makes at half the size."""
        generator, source = self.generators[self.direction], batch[self.source]
        if self.phase == COARSE:
            assert isinstance(generator, Enhancer)
            return {"fake": generate(generator.coarse, self._given(batch), self.recompute)}
        if isinstance(generator, Enhancer):
            generator.coarse.requires_grad_(self.phase != LOCAL)
        return {"fake": generate(generator, source, self.recompute)}

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The critic judges (x, y) against (x, G(x)); halved, which slows it down (section 3.3)."""
        return weighted("", 0.5, self.judges.critic_terms(self._real(batch), fakes["fake"], self._given(batch)))

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """What G pays to the critics, l1 |y - G(x)|, and the distances of VGG19's activations that are switched on."""
        real, fake = self._real(batch), fakes["fake"]
        terms = weighted("", self.objective.adversarial, self.judges.generator_terms(fake, real, self._given(batch)))
        if self.objective.l1:
            terms["l1"] = self.objective.l1 * l1_loss(fake, real)
        if FEATURES in self.frozen:
            terms |= self.frozen[FEATURES](fake, real)
        return terms

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """Input, output, target; in the phase "coarse" the coarse generator's output, enlarged."""
        source, target = self.names[self.source], self.names[self.target]
        generator, shown = generators[self.direction], batch[self.source]
        if self.phase == COARSE:
            assert isinstance(generator, Enhancer)
            output = generator.enlarged_coarse(shown).float()
        else:
            output = generator(shown).float()
        return [
            (source, in_colours(shown) if self.spec.labels else shown),
            (f"{target}, generated", output),
            (f"{target}, real", batch[self.target]),
        ]

    def compared(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[Compared]:
        """G(x) against y."""
        (_, made) = self.show(generators, batch)[1]
        return [Compared(made, batch[self.target])]

    def network_cards(self) -> dict[str, NetworkCard]:
        """One direction; in the phase "coarse" that of the coarse generator, enlarged."""
        source, target = self.names[self.source], self.names[self.target]
        spec = self.spec
        if isinstance(spec, EnhancerSpec):
            spec = spec.model_copy(update={"coarse_alone": self.phase == COARSE})
        return {self.direction: translation_card(spec, source, target)}

    def _given(self, batch: Batch) -> Tensor:
        """What the critics see next to a picture, planes where it is a label map, in the size of the phase."""
        planes: Tensor = self.read(batch[self.source])
        return mean_halved(planes) if self.phase == COARSE else planes

    def _real(self, batch: Batch) -> Tensor:
        """The target in the size of the phase."""
        return mean_halved(batch[self.target]) if self.phase == COARSE else batch[self.target]

    def _refuse_phases(self, config: Pix2pixConfig) -> None:
        phases = config.optimisation.coarse_to_fine
        if phases and not isinstance(self.spec, EnhancerSpec):
            raise Refusal(f"--coarse-to-fine {phases} goes with --generator enhancer, and not with {self.spec.network}")


def _generator_spec(config: Pix2pixConfig, inputs: int, outputs: int) -> TranslatorSpec:
    """Raises Refusal for label maps of another kind than the options say."""
    labels, instances = config.data.labels or 0, config.data.instances
    if instances and not labels:
        raise Refusal("--instances goes with --labels N")
    if labels and inputs != (3 if instances else 1):
        wanted = "in colour, and side {} is grey" if instances else "grey, and side {} is in colour"
        said = f"--labels {labels}{' --instances' if instances else ''}"
        raise Refusal(f"{said}: label maps are {wanted.format(config.data.input_side)}")
    side = math.gcd(*config.data.shape)  # what can be halved so often as the whole
    return config.networks.generator_spec(side, inputs, outputs, labels, instances)


def in_colours(maps: Tensor) -> Tensor:
    """Label maps (N, 1 or 3, H, W) in [-1, 1] as pictures to look at: each label in a colour of its own, 0 black."""
    labels = ((maps[:, :1].float() + 1) * 127.5).round()
    # Steps of the golden section around the circle leave any few labels far apart.
    turns = 2 * math.pi * (labels * 0.618034 + torch.tensor([0.0, 1 / 3, 2 / 3], device=maps.device).view(1, 3, 1, 1))
    return torch.where(labels > 0, turns.cos(), -1.0)


KIND = Kind(Pix2pixConfig, Pix2pix, from_files(find_pairs))
