"""Several critics of one side, at ever halved resolutions (arXiv:1711.11585, section 3.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import Tensor

from img2img.config.networks import CriticSpec
from img2img.config.sections.data import Shape
from img2img.config.sections.objective import Adversarial
from img2img.networks.layers.resample import mean_halved
from img2img.recipes.recipe import Terms, adversary_of, require_size, weighted

NAMES = ("", "half", "quarter", "eighth")
"""Of the resolutions, from the whole one on."""


class Scales:
    """The adversaries of one side, each with its own critic, game, pool and running state; what they charge adds up.

    side: whose pictures they judge, the first one's name. specs: of 1 to 4 critics, that of the whole resolution first.
    size: of the pictures, or height and width, px; shrunk: how many times smaller they may come. Raises Refusal for
    pictures too small for so many.
    """

    def __init__(
        self, side: str, specs: Sequence[CriticSpec], objective: Adversarial, size: int | Shape, shrunk: int = 1
    ) -> None:
        for level, spec in list(enumerate(specs))[1:]:
            require_size(size, spec, f"critic {level + 1} of {len(specs)}", shrunk * 2**level)
        self._names = {f"{side}_{name}" if name else side: name for name in NAMES[: len(specs)]}
        self.critics: dict[str, CriticSpec] = dict(zip(self._names, specs, strict=True))
        self.adversaries = {name: adversary_of(spec, objective) for name, spec in self.critics.items()}

    def critic_terms(self, real: Tensor, fake: Tensor, given: Tensor | None = None) -> Terms:
        """What the critics pay; all (N, C, H, W), as for an adversary. Names begin with "half/", "quarter/"."""
        terms: Terms = {}
        for prefix, name, (reals, fakes, told) in self._each(real, fake, given):
            terms |= weighted(prefix, 1.0, self.adversaries[name].critic_terms(reals, fakes, told))
        return terms

    def generator_terms(self, fake: Tensor, real: Tensor, given: Tensor | None = None) -> Terms:
        """What a generator pays to all critics (its equation 5)."""
        terms: Terms = {}
        for prefix, name, (reals, fakes, told) in self._each(real, fake, given):
            terms |= weighted(prefix, 1.0, self.adversaries[name].generator_terms(fakes, reals, told))
        return terms

    def _each(
        self, real: Tensor, fake: Tensor, given: Tensor | None
    ) -> Iterator[tuple[str, str, tuple[Tensor, Tensor, Tensor | None]]]:
        for name, scale in self._names.items():
            if scale:
                real, fake, given = mean_halved(real), mean_halved(fake), None if given is None else mean_halved(given)
            yield f"{scale}/" if scale else "", name, (real, fake, given)
