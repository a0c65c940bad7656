"""What the recipes share that learn from pixels first, and then from a critic and from VGG19, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from torch import Tensor, nn

from img2img.adversarial import Adversary
from img2img.config.networks import CriticSpec
from img2img.config.sections.teacher import Teacher
from img2img.config.sections.two_phases import PRETRAINING, TwoPhaseObjective
from img2img.data.folders.find import HIGH
from img2img.recipes.recipe import Terms, adversary_of, game_of, require_size, weighted
from img2img.recipes.terms.feature_terms import COSTS, feature_terms
from img2img.recipes.terms.shift import Shift

FEATURES = "features"

TAUGHT = "taught"
"""In a batch: the teacher's pictures (n, C, H, W), further targets of its last n."""


class TwoPhases:
    """One critic, if any, and VGG19, if needed, as the objective has them; both judge the side "high".

    critic: energy -> the critic's description; energy: the game wants that of an autoencoder (began, ebgan).
    size: side of the pictures that the critic sees, px. teacher: how much its pictures count, where a batch has any.
    Raises Refusal for a size that the critic does not take, and where the objective's parts do not go together.
    """

    first: Literal["critics", "generators"] = "critics"
    phase: str = ""
    compares: Literal["pairs", "sets"] = "pairs"

    def __init__(
        self,
        objective: TwoPhaseObjective,
        critic: Callable[[bool], CriticSpec],
        size: int,
        teacher: Teacher = Teacher(),
    ) -> None:
        self.game, self.critic_steps = "none", 1
        self.critics: dict[str, CriticSpec] = {}
        self.adversaries: dict[str, Adversary] = {}
        self.frozen = nn.ModuleDict()
        self.adversarial, self.teacher = objective.adversarial, teacher
        self.taught_cost, self.shift = COSTS[objective.pixel_cost], objective.shift
        if objective.adversarial:
            game = game_of(objective)
            spec = critic(game.critic == "energy")
            whose = f"the critic, which sees {objective.shift} px less (--shift)," if objective.shift else "the critic"
            require_size(size - objective.shift, spec, whose)
            self.game, self.critic_steps = objective.game, objective.critic_steps or game.critic_steps
            self.critics[HIGH] = spec
            self.adversaries[HIGH] = adversary_of(spec, objective)
        if features := feature_terms(objective):
            self.frozen[FEATURES] = features

    @property
    def pretrains(self) -> bool:
        """Whether only pixels count."""
        return self.phase == PRETRAINING

    def charged(self, real: Tensor, fake: Tensor, given: Tensor | None = None) -> Terms:
        """What the critic pays for a batch, next to `given`; nothing in the pretraining, in which it is idle."""
        if self.pretrains or not self.adversaries:
            return {}
        cut = Shift(self.shift, fake)
        return self.adversaries[HIGH].critic_terms(cut(real), cut(fake), cut(given))

    def paid(self, fake: Tensor, real: Tensor, given: Tensor | None = None, taught: Tensor | None = None) -> Terms:
        """What the generator pays to the critic, and for the distances of activations; nothing in the pretraining.

        taught: the batch's, for which it pays the distances of activations and of pixels, too.
        """
        if self.pretrains:
            return {}
        terms: Terms = {}
        if taught is not None and self.teacher.teacher_pixel:
            share = self.teacher.teacher_pixel * len(taught) / len(fake)
            terms["taught pixel"] = share * self.taught_cost(fake[-len(taught) :], taught)
        if not (self.adversaries or self.frozen):
            return terms
        cut = Shift(self.shift, fake)
        fake, real, given, taught = cut(fake), cut(real), cut(given), cut(taught)
        if self.adversaries:
            to_critic = self.adversaries[HIGH].generator_terms(fake, real, given)
            terms |= weighted("", self.adversarial, to_critic)
        if self.frozen:
            terms |= self._by_features(fake, real, taught)
        return terms

    def _by_features(self, fake: Tensor, real: Tensor, taught: Tensor | None) -> Terms:
        weight = self.teacher.teacher_weight
        terms: Terms = self.frozen[FEATURES](fake, real, taught if weight else None)
        return {name: weight * term if name.startswith(TAUGHT) else term for name, term in terms.items()}
