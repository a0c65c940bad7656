"""All filled pictures against all true ones, as sets: FID and KID, gathered while each is measured by itself."""

from __future__ import annotations

from torch import Tensor

from img2img.metrics.sets.features import Gathering
from img2img.metrics.sets.figures import FEWEST, FeatureProtocol, feature_figures
from img2img.metrics.sets.inception import Inception
from img2img.metrics.sets.pictures import eight_bits

from .picture_figures import Figures

USUAL = 100
"""Pictures from which FID is measured without being asked for."""


class NoSets:
    """In place of sets where nobody measures them. why: in words, as the protocol says it."""

    def __init__(self, why: str) -> None:
        self._why = why

    def add(self, filled: Tensor, true: Tensor) -> None:
        """Nothing is kept."""

    def compared(self, seed: int) -> tuple[Figures, FeatureProtocol | str]:
        """No figures, and why."""
        return {}, self._why


class HoleSets:
    """Both sets in the making; Inception sees whole pictures, rounded to 8 bits."""

    def __init__(self, inception: Inception, batch_size: int) -> None:
        self._inception = inception
        self._filled, self._true = Gathering(inception, batch_size), Gathering(inception, batch_size)

    def add(self, filled: Tensor, true: Tensor) -> None:
        """One more of each, (C, H, W) in [-1, 1], C 1 or 3. Raises ImageError for values that are not finite."""
        pair = eight_bits(filled), eight_bits(true)
        self._filled.add(pair[0])
        self._true.add(pair[1])

    def compared(self, seed: int) -> tuple[Figures, FeatureProtocol | str]:
        """fid, kid, kid_deviation, from 5,000 pictures on fid_5k, and their protocol; of too few none, and why.

        seed: of the blocks that KID draws.
        """
        if len(self._true) < FEWEST:
            return {}, f"{len(self._true)} pictures, and {FEWEST} or more are needed"
        filled, true = self._filled.whole(), self._true.whole()
        protocol = FeatureProtocol(len(filled), len(true), self._inception.resize, self._inception.identity, seed)
        return feature_figures(filled, true, seed), protocol
