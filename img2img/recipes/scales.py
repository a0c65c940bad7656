"""Critics of one and the same picture in several resolutions, each half as fine as the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import Tensor
from torch.nn.functional import avg_pool2d

from img2img.adversarial import Adversary
from img2img.config.networks import CriticSpec
from img2img.config.sections.objective import Adversarial

from .recipe import Terms, adversary_of, require_size, weighted


class Scales:
    """One critic for each resolution, each with its own game; what they charge is their sum.

    name: of what they judge; specs: of the critics, the finest first; size: side of the pictures, px.
    Raises Refusal for pictures that are too small for one of them.
    """

    def __init__(self, name: str, specs: Sequence[CriticSpec], options: Adversarial, size: int) -> None:
        self.names = [name if level == 0 else f"{name}_{2**level}" for level in range(len(specs))]
        for level, spec in enumerate(specs):
            require_size(size, spec, "the critic" if level == 0 else f"the critic of 1/{2**level}", scale=2**level)
        self.critics: dict[str, CriticSpec] = dict(zip(self.names, specs, strict=True))
        self.adversaries: dict[str, Adversary] = {
            name: adversary_of(spec, options) for name, spec in self.critics.items()
        }

    def critic_terms(self, real: Tensor, fake: Tensor) -> Terms:
        """What the critics pay for real and fake pictures, (N, C, H, W)."""
        terms: Terms = {}
        for name, one, other in self._each(real, fake):
            terms |= weighted(f"{name}/", 1.0, self.adversaries[name].critic_terms(one, other))
        return terms

    def generator_terms(self, fake: Tensor, real: Tensor) -> Terms:
        """What the generator pays to the critics."""
        terms: Terms = {}
        for name, one, other in self._each(fake, real):
            terms |= weighted(f"{name}/", 1.0, self.adversaries[name].generator_terms(one, other))
        return terms

    def _each(self, one: Tensor, other: Tensor) -> Iterator[tuple[str, Tensor, Tensor]]:
        for name in self.names:
            yield name, one, other
            one, other = coarser(one), coarser(other)


def coarser(pictures: Tensor) -> Tensor:
    """Half as fine, by means of 3 x 3 px of which those beyond the border do not count: (N, C, H, W) -> (N, C, H/2,
    W/2).
    """
    return avg_pool2d(pictures, 3, stride=2, padding=1, count_include_pad=False)
