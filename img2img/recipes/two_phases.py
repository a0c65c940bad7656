"""What the recipes share that learn from pixels first, and then from a critic and from VGG19, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from torch import Tensor, nn

from img2img.adversarial import Adversary
from img2img.config.networks import CriticSpec
from img2img.config.sections.two_phases import PRETRAINING, TwoPhaseObjective
from img2img.data.folders import HIGH

from .feature_terms import feature_terms
from .recipe import Terms, adversary_of, game_of, require_size, weighted

FEATURES = "features"


class TwoPhases:
    """One critic, if any, and VGG19, if needed, as the objective has them; both judge the side "high".

    critic: energy -> the critic's description; energy: the game wants that of an autoencoder (began, ebgan).
    size: side of the pictures that the critic sees, px.
    Raises Refusal for a size that the critic does not take, and where the objective's parts do not go together.
    """

    first: Literal["critics", "generators"] = "critics"
    phase: str = ""

    def __init__(self, objective: TwoPhaseObjective, critic: Callable[[bool], CriticSpec], size: int) -> None:
        self.game, self.critic_steps = "none", 1
        self.critics: dict[str, CriticSpec] = {}
        self.adversaries: dict[str, Adversary] = {}
        self.frozen = nn.ModuleDict()
        self.adversarial = objective.adversarial
        if objective.adversarial:
            game = game_of(objective)
            spec = critic(game.critic == "energy")
            require_size(size, spec, "the critic")
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
        return self.adversaries[HIGH].critic_terms(real, fake, given)

    def paid(self, fake: Tensor, real: Tensor, given: Tensor | None = None) -> Terms:
        """What the generator pays to the critic, and for the distances of activations; nothing in the pretraining."""
        terms: Terms = {}
        if self.adversaries and not self.pretrains:
            to_critic = self.adversaries[HIGH].generator_terms(fake, real, given)
            terms |= weighted("", self.adversarial, to_critic)
        if self.frozen and not self.pretrains:
            terms |= self.frozen[FEATURES](fake, real)
        return terms
