"""Several critics of one side: the same one at ever halved resolutions (arXiv:1711.11585, section 3.2)."""

from __future__ import annotations

from torch import Tensor

from img2img.config.networks import CriticSpec
from img2img.config.sections.objective import Adversarial
from img2img.networks.layers.resample import mean_halved

from .recipe import Terms, adversary_of, require_size, weighted

NAMES = ("", "half", "quarter")
"""Of the resolutions, from the whole one on."""


class Scales:
    """The adversaries of one side, each with its own critic, game, pool and running state; what they charge adds up.

    side: whose pictures they judge, the first one's name. spec: of each critic. count: 1 to 3. size: of the pictures,
    px; shrunk: how many times smaller they may come. Raises Refusal for pictures too small for so many.
    """

    def __init__(
        self, side: str, spec: CriticSpec, objective: Adversarial, count: int, size: int, shrunk: int = 1
    ) -> None:
        if count > 1:
            require_size(size, spec, f"the last of {count} critics", shrunk * 2 ** (count - 1))
        self._names = {f"{side}_{name}" if name else side: name for name in NAMES[:count]}
        self.critics: dict[str, CriticSpec] = dict.fromkeys(self._names, spec)
        self.adversaries = {name: adversary_of(spec, objective) for name in self._names}

    def critic_terms(self, real: Tensor, fake: Tensor, given: Tensor | None = None) -> Terms:
        """What the critics pay; all (N, C, H, W), as for an adversary. Names begin with "half/", "quarter/"."""
        terms: Terms = {}
        for name, scale in self._names.items():
            if scale:
                real, fake, given = mean_halved(real), mean_halved(fake), None if given is None else mean_halved(given)
            terms |= _named(scale, self.adversaries[name].critic_terms(real, fake, given))
        return terms

    def generator_terms(self, fake: Tensor, real: Tensor, given: Tensor | None = None) -> Terms:
        """What a generator pays to all critics (its equation 5)."""
        terms: Terms = {}
        for name, scale in self._names.items():
            if scale:
                real, fake, given = mean_halved(real), mean_halved(fake), None if given is None else mean_halved(given)
            terms |= _named(scale, self.adversaries[name].generator_terms(fake, real, given))
        return terms


def _named(scale: str, terms: Terms) -> Terms:
    return weighted(f"{scale}/" if scale else "", 1.0, terms)
